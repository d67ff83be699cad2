import { describe, expect, test } from 'vitest'
import { dynamoDbRecord, dynamoDbStreamEvent } from './dynamodb-stream-event.ts'

describe('dynamoDbRecord', () => {
  test.each([
    ['INSERT', 'NEW_AND_OLD_IMAGES', ['NewImage']],
    ['MODIFY', 'NEW_AND_OLD_IMAGES', ['NewImage', 'OldImage']],
    ['REMOVE', 'NEW_AND_OLD_IMAGES', ['OldImage']],
    ['INSERT', 'OLD_IMAGE', []],
    ['MODIFY', 'NEW_IMAGE', ['NewImage']],
    ['MODIFY', 'OLD_IMAGE', ['OldImage']],
    ['REMOVE', 'NEW_IMAGE', []],
    ['MODIFY', 'KEYS_ONLY', []],
  ] as const)('%s with %s has the images %j', (eventName, StreamViewType, images) => {
    const { dynamodb = {} } = dynamoDbRecord({ eventName, dynamodb: { StreamViewType } })
    expect(
      Object.keys(dynamodb)
        .filter(key => key.endsWith('Image'))
        .sort(),
    ).toEqual(images)
    expect(dynamodb.Keys).toEqual({ orderId: { S: 'o-1' } })
  })

  test('the images hold the keys', () => {
    const { dynamodb = {} } = dynamoDbRecord({ eventName: 'MODIFY', dynamodb: { Keys: { id: { N: '7' } } } })
    expect(dynamodb.NewImage).toMatchObject({ id: { N: '7' } })
    expect(dynamodb.OldImage).toMatchObject({ id: { N: '7' } })
    expect(dynamodb.NewImage).not.toEqual(dynamodb.OldImage)
  })

  test('the keys are the first attribute of an image that was given', () => {
    const { dynamodb = {} } = dynamoDbRecord({
      dynamodb: { NewImage: { id: { S: 'x' }, n: { N: '9007199254740993' } } },
    })
    expect(dynamodb.Keys).toEqual({ id: { S: 'x' } })
  })

  test('images replace the defaults whole', () => {
    const image = { orderId: { N: '1' }, tags: { SS: ['a', 'b'] } }
    expect(dynamoDbRecord({ dynamodb: { NewImage: image } }).dynamodb?.NewImage).toEqual(image)
  })

  test('undefined deletes an image, the sequence number, or all', () => {
    const { dynamodb } = dynamoDbRecord({ dynamodb: { NewImage: undefined, SequenceNumber: undefined } })
    expect(dynamodb).not.toHaveProperty('NewImage')
    expect(dynamodb).not.toHaveProperty('SequenceNumber')
    expect(dynamoDbRecord({ dynamodb: undefined })).not.toHaveProperty('dynamodb')
  })

  test('the creation time is in seconds', () => {
    expect(dynamoDbRecord({}, { now: 1_500 }).dynamodb?.ApproximateCreationDateTime).toBe(1)
  })
})

describe('dynamoDbStreamEvent', () => {
  test('sequence numbers ascend as numbers and as texts, and event ids differ', () => {
    const { Records } = dynamoDbStreamEvent(Array.from({ length: 12 }, (_, n) => (n % 2 ? {} : dynamoDbRecord())))
    const numbers = Records.map(record => record.dynamodb?.SequenceNumber ?? '')
    expect(numbers).toEqual([...new Set(numbers)].sort())
    expect(numbers).toEqual([...numbers].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)))
    expect(new Set(Records.map(record => record.eventID)).size).toBe(12)
  })
})
