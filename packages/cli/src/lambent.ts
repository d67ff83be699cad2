// The command `lambent`: its subcommands and their flags.
import { createRequire } from 'node:module'
import type { Writable } from 'node:stream'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { loadEdit } from './dlq/edit.ts'
import { explain } from './dlq/explain.ts'
import { peek } from './dlq/peek.ts'
import { type Connection, connect, mustBeReadable, openQueue, type Queue } from './dlq/queue.ts'
import { redrive } from './dlq/redrive.ts'
import { run } from './dlq/run.ts'
import { durationOf, type Selection, selector } from './dlq/selection.ts'
import { type Output, outputOf } from './output.ts'
import { Problem, sayingOf } from './problem.ts'

export interface Io {
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  /** Fires when the user has had enough: what is under way ends, and nothing else begins. */
  readonly signal: AbortSignal
}

/** Runs the command line, and gives its exit code: 0, 1 for what failed, 2 for what was written wrongly, 130 interrupted. */
export async function lambent(argv: readonly string[], io: Io): Promise<number> {
  let code = 0
  const program = programOf(io, result => {
    code = result
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    io.stderr.write(`lambent: ${sayingOf(error)}\n`)
    return error instanceof Problem ? error.exitCode : 1
  }
}

type Flags = Connection & Selection & { readonly json?: boolean; readonly force?: boolean }

function programOf(io: Io, ended: (code: number) => void): Command {
  const program = new Command('lambent')
    .description('The command line of Lambent, the framework for AWS Lambda handlers')
    .version(createRequire(import.meta.url)('../package.json').version)
  const dlq = program
    .command('dlq')
    .description('Look into dead-letter queues, find the causes, try a fix, redrive')
    .addHelpText('after', EXAMPLES)

  /** What all commands have: a queue, how to reach it, which messages are meant. */
  const command = (name: string, description: string) =>
    dlq
      .command(name)
      .description(description)
      .argument('<queue>', 'name, ARN or URL of the dead-letter queue')
      .option('--error <text>', 'name or code of the error, or a part of its message')
      .option('--origin <text>', 'source (aws:sqs), ARN, or name of what it came from')
      .option('--function <name>', 'the function that gave it up')
      .option('--cause <id>', 'as explain shows them; may be given again', collect)
      .option('--message-id <id>', 'of the dead letter, or of the original; may be given again', collect)
      .option('--older-than <duration>', 'dead since more than 90s, 15m, 2h, 7d', durationFlag)
      .option('--newer-than <duration>', 'dead since less than', durationFlag)
      .option('--region <region>', 'as the environment or the URL says, if left out')
      .option('--profile <name>', 'of ~/.aws/config')
      .option('--endpoint-url <url>', 'of an emulator', urlFlag)
      .option('--force', 'read also a queue with a redrive policy of its own')
      .option('--json', 'for programs')
      .addHelpText('after', EXIT_CODES)

  const open = async (where: string, flags: Flags): Promise<Opened> => {
    const clientFor = clients(flags)
    const queue = await openQueue(where, clientFor(where))
    mustBeReadable(queue, flags.force)
    return {
      queue,
      clientFor,
      matches: selector(flags, queue.now()),
      output: outputOf(io, flags.json === true),
      signal: io.signal,
    }
  }

  command('peek', 'show dead letters, and leave them where they are')
    .option('--max <count>', 'how many', countFlag, 10)
    .option('--body', 'whole bodies')
    .action(async (where: string, flags: Flags & { readonly max: number; readonly body?: boolean }) => {
      ended(await peek({ ...(await open(where, flags)), max: flags.max, body: flags.body === true }))
    })

  command('explain', 'group dead letters by what went wrong')
    .option('--max <count>', 'how many', countFlag, 10_000)
    .action(async (where: string, flags: Flags & { readonly max: number }) => {
      ended(await explain({ ...(await open(where, flags)), max: flags.max }))
    })

  command('redrive', 'send dead letters back to where they came from')
    .option('--to <queue>', 'another queue: name, ARN or URL')
    .option('--edit <module>', 'its default export changes each message: ({ body, attributes, letter }) => ({ body })')
    .option('--rate <count>', 'messages a second', rateFlag, 100)
    .option('--max <count>', 'how many; all, if left out', countFlag)
    .option('--dry-run', 'show what would be sent, and send nothing')
    .action(async (where: string, flags: Flags & RedriveFlags) => {
      const edit = flags.edit === undefined ? undefined : await loadEdit(flags.edit)
      const { max = Infinity, to, rate, dryRun = false } = flags
      ended(await redrive({ ...(await open(where, flags)), max, to, edit, rate, dryRun }))
    })

  command('run', 'run one dead letter through a handler on this machine')
    .option('--handler <path>', 'built code, as in a template: dist/orders.handler')
    .option('--env-file <file>', 'environment variables of the function; of yours it gets none')
    .addOption(new Option('--timeout <duration>', 'of the function').argParser(durationFlag).default(30_000, '30s'))
    .option('--event', 'print the event, and run nothing: without --handler')
    .option('--delete', 'delete the dead letter when the handler has done it')
    .action(async (where: string, flags: Flags & RunFlags) => {
      const { handler, envFile, timeout, event = false, delete: remove = false } = flags
      if (handler === undefined && !event)
        throw new Problem('--handler is needed, such as dist/orders.handler, or --event', 2)
      ended(
        await run({
          ...(await open(where, flags)),
          handler: event ? undefined : handler,
          envFile,
          timeout,
          delete: remove,
        }),
      )
    })

  for (const each of [program, dlq, ...dlq.commands]) {
    each.exitOverride()
    each.configureOutput({
      writeOut: text => void io.stdout.write(text),
      writeErr: text => void io.stderr.write(text),
    })
  }
  return program
}

interface Opened {
  readonly queue: Queue
  readonly clientFor: ReturnType<typeof clients>
  readonly matches: ReturnType<typeof selector>
  readonly output: Output
  readonly signal: AbortSignal
}

interface RedriveFlags {
  readonly max?: number
  readonly to?: string
  readonly edit?: string
  readonly rate: number
  readonly dryRun?: boolean
}

interface RunFlags {
  readonly handler?: string
  readonly envFile?: string
  readonly timeout: number
  readonly event?: boolean
  readonly delete?: boolean
}

const EXAMPLES = `
When a queue has filled up:
  lambent dlq explain orders-dlq                        what went wrong, how often, since when
  lambent dlq peek orders-dlq --cause 3fa9c1 --body     some of those
  lambent dlq run orders-dlq --cause 3fa9c1 --handler dist/orders.handler --env-file .env
                                                        does the fix help?
  lambent dlq redrive orders-dlq --cause 3fa9c1 --dry-run
  lambent dlq redrive orders-dlq --cause 3fa9c1         back to where they came from`

const EXIT_CODES = `
Exit codes: 0 done; 1 something failed, and was said; 2 a flag is wrong; 130 interrupted.`

/** One client a region. */
function clients(connection: Connection): (where: string) => ReturnType<typeof connect> {
  const made = new Map<string, ReturnType<typeof connect>>()
  return where => {
    const region = /sqs\.([a-z0-9-]+)\.amazonaws\.|^arn:[^:]+:sqs:([^:]+):/.exec(where)
    const key = region?.[1] ?? region?.[2] ?? ''
    const client = made.get(key) ?? connect(where, connection)
    made.set(key, client)
    return client
  }
}

function durationFlag(text: string): number {
  try {
    return durationOf(text)
  } catch (error) {
    throw new InvalidArgumentError(sayingOf(error))
  }
}

function urlFlag(text: string): string {
  if (URL.canParse(text)) return text
  throw new InvalidArgumentError('a URL is needed, such as http://127.0.0.1:4566.')
}

function collect(each: string, before: readonly string[] = []): string[] {
  return [...before, each]
}

function countFlag(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a whole number from 1 on is needed.')
}

function rateFlag(text: string): number {
  const rate = Number(text)
  if (/^[\d.]+$/.test(text) && rate > 0 && rate <= 3000) return rate
  throw new InvalidArgumentError('a number of messages a second is needed, above 0, at most 3000.')
}
