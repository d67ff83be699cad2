// S3, ObjectCreated: what it is goes to the catalogue. The same object twice is the same item twice.
import { DynamoDB } from '@lambent/aws/dynamodb'
import { S3 } from '@lambent/aws/s3'
import { deadLetter, sqsQueue } from '@lambent/dead-letter'
import { drop, s3 as s3Events } from '@lambent/events/s3'
import { logger, metrics } from '@lambent/powertools'
import { retry } from '@lambent/retry'
import { variable } from './environment.ts'
import { inspect } from './inspect.ts'

const s3 = new S3()
const db = new DynamoDB()
const TableName = variable('CATALOGUE_TABLE')

export const handler = s3Events()
  .use(metrics())
  .each()
  .use(logger())
  // S3 does not say how often it came: what is permanent is a dead letter, all else is Lambda's to try again, twice.
  .use(deadLetter({ to: sqsQueue(variable('DLQ_URL')) }))
  .use(retry({ attempts: 3 }))
  .handle(async ({ object, eventName, log, metrics, signal }) => {
    if (!eventName.startsWith('ObjectCreated:')) return drop('nothing was created')
    const { bucket: Bucket, key: Key, versionId = 'null', sequencer = '' } = object
    const image = await inspect(s3, { Bucket, Key }, signal)
    try {
      await db.putItem(
        {
          TableName,
          Item: {
            key: { S: `${Bucket}/${Key}` },
            version: { S: versionId },
            sequencer: { S: sequencer },
            type: { S: image.type },
            width: { N: `${image.width}` },
            height: { N: `${image.height}` },
            bytes: { N: `${image.bytes}` },
            sha256: { S: image.sha256 },
          },
          // Notifications come in any order: an older one must not replace what is newer.
          ConditionExpression: 'attribute_not_exists(sequencer) OR sequencer <= :sequencer',
          ExpressionAttributeValues: { ':sequencer': { S: sequencer } },
        },
        { abortSignal: signal },
      )
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException')
        return drop('a newer one is there')
      throw error
    }
    log.info('catalogued', { type: image.type, bytes: image.bytes })
    metrics.addMetric('ImagesCatalogued', 'Count', 1)
  })
