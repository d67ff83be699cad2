// `npm run bench -- aws-call`: from the spawn of a process to the answer of its first PutItem, over a
// bare handler, in one run: each round spawns all contenders in random order; figures are medians of the differences
// within a round, with bootstrap intervals.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { options } from '../lib/options.ts'
import { progress } from '../lib/progress.ts'
import { publish } from '../lib/results.ts'
import { interval, median, rounded, shuffled } from '../lib/statistics.ts'
import { contenders } from './contenders.ts'

const { values, partial } = options({ pairs: { type: 'string', default: '30' } })
const ROUNDS = Number(values.pairs)
const BARE = 'bare'
const FLOOR = 'floor: one unsigned POST'
const OURS = '@lambent/aws'
const SDK = 'AWS SDK v3'

const requests: string[] = []
const listener: RequestListener = async (request, response) => {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  requests.push(`${request.headers['x-amz-target']} ${body}`)
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': '1' }).end('{}')
}
// A key of nothing but these runs.
const certificate = join(import.meta.dirname, 'localhost.crt')
const key = readFileSync(join(import.meta.dirname, 'localhost.key'))
const servers = {
  http: createServer(listener),
  https: createTlsServer({ key, cert: readFileSync(certificate) }, listener),
}
const PROTOCOLS = Object.keys(servers) as (keyof typeof servers)[]
for (const server of Object.values(servers)) await once(server.listen(0, '127.0.0.1'), 'listening')
const envOf = (protocol: keyof typeof servers) => ({
  PATH: process.env.PATH,
  NODE_EXTRA_CA_CERTS: certificate,
  AWS_REGION: 'eu-west-1',
  AWS_ENDPOINT_URL: `${protocol}://localhost:${(servers[protocol].address() as AddressInfo).port}`,
  AWS_ACCESS_KEY_ID: 'AKID',
  AWS_SECRET_ACCESS_KEY: 'secret',
})

const folder = mkdtempSync(join(tmpdir(), 'lambent-bench-'))
const files: Record<string, { readonly file: string; readonly bytes: number }> = {}
for (const [index, [name, source]] of Object.entries(contenders).entries()) {
  const { outputFiles } = await build({
    stdin: {
      contents: `${source}\nprocess.stdout.write(JSON.stringify(await handler({ id: 7 })), () => process.exit())`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  const code = outputFiles[0]?.contents ?? new Uint8Array()
  const file = join(folder, `${index}.mjs`)
  writeFileSync(file, code)
  files[name] = { file, bytes: code.byteLength }
}

/** ms from the spawn to the answer. */
async function answer(name: string, protocol: keyof typeof servers): Promise<number> {
  const start = performance.now()
  const child = spawn(process.execPath, [files[name]?.file ?? ''], {
    env: envOf(protocol),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [text] = (await once(child.stdout, 'data')) as [Buffer]
  const ms = performance.now() - start
  assert.equal(text.toString(), '{"ok":7}', name)
  await once(child, 'exit')
  return ms
}

// A correctness gate: the same request, the same answer.
const bodies = new Set<string>()
for (const protocol of PROTOCOLS)
  for (const name of Object.keys(contenders)) {
    requests.length = 0
    await answer(name, protocol)
    if (name === BARE) assert.equal(requests.length, 0)
    else bodies.add(requests.join())
  }
assert.equal(bodies.size, 1, 'all send the same item')

const NAMES = Object.keys(contenders).filter(name => name !== BARE)
const over: Record<string, number[]> = {}
const tick = progress('aws-call', ROUNDS * PROTOCOLS.length)
for (let round = 0; round < ROUNDS; round++)
  for (const protocol of PROTOCOLS) {
    const times: Record<string, number> = {}
    for (const name of shuffled(Object.keys(contenders))) times[name] = await answer(name, protocol)
    for (const name of NAMES)
      over[`${protocol} ${name}`] = [...(over[`${protocol} ${name}`] ?? []), (times[name] ?? 0) - (times[BARE] ?? 0)]
    tick()
  }
for (const server of Object.values(servers)) server.close()

rmSync(folder, { recursive: true, force: true })

const rows = PROTOCOLS.flatMap(protocol => {
  const floor = median(over[`${protocol} ${FLOOR}`] ?? [])
  return NAMES.map(contender => {
    const values = over[`${protocol} ${contender}`] ?? []
    const [low, high] = interval(values)
    return {
      protocol,
      contender,
      bundle: files[contender]?.bytes ?? 0,
      overBare: rounded(median(values)),
      interval: [rounded(low), rounded(high)] as const,
      overFloor: Math.round((median(values) / floor) * 100) / 100,
    }
  })
})
const costs = (protocol: string, name: string) =>
  rows.find(row => row.protocol === protocol && row.contender === name)?.overBare ?? Number.NaN
const ratios = PROTOCOLS.map(protocol => ({
  protocol,
  oursOverFloor: Math.round((costs(protocol, OURS) / costs(protocol, FLOOR)) * 100) / 100,
  sdkOverOurs: Math.round((costs(protocol, SDK) / costs(protocol, OURS)) * 10) / 10,
}))
publish(
  {
    name: 'aws-call',
    title: 'One AWS call, from the spawn of a process',
    method: `${ROUNDS} rounds, medians of the differences to a bare handler, 95 % bootstrap intervals.`,
    tables: [
      {
        columns: ['', '', 'bundle, bytes', 'over bare, ms', 'interval', '× the floor'],
        rows: rows.map(row => [
          row.protocol,
          row.contender === OURS ? `**${row.contender}**` : row.contender,
          row.bundle,
          row.overBare,
          row.interval.join(' to '),
          row.overFloor,
        ]),
      },
    ],
    chart: {
      title: 'One PutItem over a bare handler, ms',
      unit: 'ms',
      groups: PROTOCOLS.map(protocol => ({
        title: protocol,
        bars: rows
          .filter(row => row.protocol === protocol)
          .map(({ contender, overBare, interval }) => ({
            label: contender,
            value: overBare,
            interval,
            ours: contender === OURS,
          })),
      })),
    },
    conclusions: ratios.map(
      ({ protocol, oursOverFloor, sdkOverOurs }) =>
        `Over ${protocol} @lambent/aws costs ${oursOverFloor} × the floor, the AWS SDK v3 ${sdkOverOurs} × @lambent/aws.`,
    ),
    data: { rounds: ROUNDS, rows, ratios },
    packages: ['@aws-sdk/client-dynamodb', 'esbuild'],
  },
  { partial },
)
process.exit()
