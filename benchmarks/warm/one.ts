// One chain in a process of its own: prints the ns that an invocation takes, or the bytes that it allocates, after the
// correctness gate: the handler has seen what the last middleware added.
import assert from 'node:assert/strict'
import { measure } from 'mitata'
import { allocated } from '../lib/bytes.ts'
import { chains } from './contenders.ts'

const [what, index] = process.argv.slice(2)
const chain = chains[Number(index)]
if (!chain) throw new RangeError(`there is no chain ${index}`)
const invoke = await chain.load()

const answer = await invoke()
if (chain.group === 'plain') assert.equal(answer, 1, chain.name)
else {
  const { statusCode, body } = answer as { readonly statusCode: number; readonly body: string }
  assert.deepEqual([statusCode, JSON.parse(body)], [201, { value: 1 }], chain.name)
}

// Until the optimiser is done: measure() itself warms up for less.
for (const until = performance.now() + 300; performance.now() < until; ) for (let i = 0; i < 100; i++) await invoke()

const result =
  what === 'bytes'
    ? await allocated(invoke)
    : (await measure(invoke, { min_cpu_time: 100e6, batch_samples: 1024, gc: false })).p50
process.stdout.write(JSON.stringify(result), () => process.exit())
