import { readFile } from 'node:fs/promises'
import { drop, firehose, partitioned } from '@lambent/events/firehose'
import { kafka } from '@lambent/events/kafka'
import { firehoseTransformationEvent, lambdaContext, mskEvent } from '@lambent/testing'
import { expect, test } from 'vitest'
import { listen } from './telemetry.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

/** Runs the example of a source as it stands in the README: its import is what this file imports by the same path. */
function run(source: string, event: unknown): Promise<unknown> {
  const example = [...readme.matchAll(/```ts\n(.*?)```/gs)].find(([code]) => code.includes(`/${source}'`))?.[1] ?? ''
  const body = example.replace(/^import .*\n/, '').replace('export const handler =', 'return')
  const parts = {
    kafka: (options: { reportBatchItemFailures: true }) => kafka(options).use(listen()),
    firehose: () => firehose().use(listen()),
    drop,
    partitioned,
  }
  return new Function(...Object.keys(parts), body)(...Object.values(parts))(event, lambdaContext())
}

test('the example of Kafka reports the record that has no total, and the later one of its partition', async () => {
  const bad = { value: { id: 'o-2' } }
  const good = { value: { id: 'o-1', total: 5 } }
  expect(await run('kafka', mskEvent([good, bad, good, { ...good, partition: 1 }]))).toEqual({
    batchItemFailures: [1, 2].map(offset => ({ itemIdentifier: { partition: 'orders-0', offset } })),
  })
})

test('the example of Firehose drops robots and partitions by country', async () => {
  const views = [{ robot: true }, { page: '/', country: 'de' }].map(data => ({ data }))
  expect(await run('firehose', firehoseTransformationEvent(views))).toMatchObject({
    records: [
      { result: 'Dropped' },
      {
        result: 'Ok',
        data: Buffer.from('{"page":"/"}\n').toString('base64'),
        metadata: { partitionKeys: { country: 'de' } },
      },
    ],
  })
})
