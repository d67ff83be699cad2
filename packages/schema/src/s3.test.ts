import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { bodyOf, lateRefusal, parseErrorOf } from '../test/source.ts'
import { s3, sns } from './index.ts'

const record = (key: string, object: object = {}) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'eu-central-1',
  eventTime: '2026-11-23T10:00:00.000Z',
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: 'photos', arn: 'arn:aws:s3:::photos' }, object: { key, ...object } },
})
const notification = (...records: object[]) => JSON.stringify({ Records: records })
const encodeKey = (key: string) => encodeURIComponent(key).replaceAll('%20', '+')

describe('s3', () => {
  it('gives the records of a notification in the body of an SQS message, and of an SNS message in one', async () => {
    const text = notification(record('a', { size: 5, eTag: 'e', versionId: 'v', sequencer: '0A' }), record('b'))
    const expected = [
      {
        eventName: 'ObjectCreated:Put',
        eventTime: '2026-11-23T10:00:00.000Z',
        awsRegion: 'eu-central-1',
        bucket: 'photos',
        key: 'a',
        size: 5,
        eTag: 'e',
        versionId: 'v',
        sequencer: '0A',
      },
      {
        eventName: 'ObjectCreated:Put',
        eventTime: '2026-11-23T10:00:00.000Z',
        awsRegion: 'eu-central-1',
        bucket: 'photos',
        key: 'b',
      },
    ]
    expect(await bodyOf(s3(), text)).toEqual(expected)
    expect(await bodyOf(s3(), JSON.parse(text))).toEqual(expected)
    const message = JSON.stringify({ Type: 'Notification', Message: text })
    expect(await bodyOf(sns(s3()), message)).toEqual(expected)
  })

  it('decodes keys: plus signs, per cent signs, all of Unicode', async () => {
    const keys = fc.string({ minLength: 1, unit: 'grapheme' })
    await fc.assert(
      fc.asyncProperty(keys, async key => {
        expect((await bodyOf(s3(), notification(record(encodeKey(key)))))[0]?.key).toBe(key)
      }),
    )
  })

  it('is empty for the s3:TestEvent', async () => {
    const test = { Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2026-11-23T10:00:00.000Z', Bucket: 'photos' }
    expect(await bodyOf(s3(), JSON.stringify(test))).toEqual([])
  })

  it('validates each record', async () => {
    const Csv = z.object({ key: z.string().endsWith('.csv') })
    expect(await bodyOf(s3(Csv), notification(record('a.csv')))).toEqual([{ key: 'a.csv' }])
    const error = await parseErrorOf(bodyOf(s3(Csv), notification(record('a.csv'), record('b.txt'))))
    expect(error.message).toContain('body.Records[1]: does not match its schema: /key')
  })

  it('validates by asynchronous schemas', async () => {
    const Late = z.object({ key: z.string() }).transform(async ({ key }) => key)
    expect(await bodyOf(s3(Late), notification(record('a'), record('b')))).toEqual(['a', 'b'])
  })

  it('leaves no promise behind that rejects when a later record is malformed: the first error is told', async () => {
    const { schema, ended } = lateRefusal()
    const error = await parseErrorOf(bodyOf(s3(schema), notification(record('a'), record('100%'), record('c'))))
    expect(error.message).toBe('body.Records[0]: does not match its schema: refused')
    expect(ended()).toBe(1)
  })

  it.each([
    ['{}', 'there are no Records'],
    ['{"Records":[{}]}', 'it lacks eventName, eventTime, awsRegion, bucket or key'],
    ['{"Records":[null]}', 'it lacks eventName, eventTime, awsRegion, bucket or key'],
    [notification(record('100%')), 'a per cent sign in it encodes nothing'],
  ])('is no notification: %s', async (raw, why) => {
    const error = await parseErrorOf(bodyOf(s3(), raw))
    expect(error.code).toBe('MalformedEnvelope')
    expect(error.message).toContain(why)
  })
})
