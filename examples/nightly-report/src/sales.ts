// The table of sales: one item a sale, together by the day in UTC.
import { DynamoDB } from '@lambent/aws/dynamodb'
import { unmarshall } from '@lambent/core/dynamodb'
import * as z from 'zod'
import { variable } from './environment.ts'

export const Sale = z.object({
  orderId: z.string().min(1),
  cents: z.int().min(0),
  currency: z.enum(['EUR', 'USD']),
  paidAt: z.iso.datetime(),
})
export type Sale = z.infer<typeof Sale>

const TableName = variable('SALES_TABLE')
const db = new DynamoDB()

/** Twice the same sale is one item. */
export async function keep(sale: Sale, abortSignal: AbortSignal): Promise<void> {
  const { orderId, cents, currency, paidAt } = sale
  const Item = {
    day: { S: paidAt.slice(0, 10) },
    orderId: { S: orderId },
    cents: { N: `${cents}` },
    currency: { S: currency },
    paidAt: { S: paidAt },
  }
  await db.putItem({ TableName, Item }, { abortSignal })
}

/** All sales of a day, page by page: a page has at most 1 MB. */
export async function* salesOf(day: string, abortSignal: AbortSignal): AsyncGenerator<Sale> {
  let from: NonNullable<Parameters<typeof db.query>[0]['ExclusiveStartKey']> | undefined
  do {
    const { Items = [], LastEvaluatedKey } = await db.query(
      {
        TableName,
        KeyConditionExpression: '#day = :day',
        ExpressionAttributeNames: { '#day': 'day' },
        ExpressionAttributeValues: { ':day': { S: day } },
        ExclusiveStartKey: from,
      },
      { abortSignal },
    )
    for (const item of Items) yield Sale.parse(unmarshall(item))
    from = LastEvaluatedKey
  } while (from)
}
