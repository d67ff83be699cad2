// EventBridge Scheduler: at two in the morning, the sales of the day before as CSV.
import { S3 } from '@lambent/aws/s3'
import { schedule } from '@lambent/events/schedule'
import { dynamoDbStore, idempotent } from '@lambent/idempotency'
import { logger, metrics } from '@lambent/powertools'
import { retry } from '@lambent/retry'
import { variable } from './environment.ts'
import { salesOf } from './sales.ts'

const s3 = new S3()
const Bucket = variable('REPORTS_BUCKET')

/** A field that no spreadsheet runs as a formula. */
const field = (text: string) =>
  /^[=+\-@\t\r]|[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""').replace(/^([=+\-@\t\r])/, "'$1")}"` : text

export const handler = schedule()
  .use(metrics())
  .use(logger())
  // A schedule may fire twice: the report of a night is written once.
  .use(
    idempotent({
      store: dynamoDbStore({ tableName: variable('IDEMPOTENCY_TABLE') }),
      key: ({ schedule }) => dayBefore(schedule.time),
      expiresAfter: 86_400_000,
    }),
  )
  .use(retry({ attempts: 3 }))
  .handle(async ({ schedule, log, signal }) => {
    const day = dayBefore(schedule.time)
    const lines = ['orderId,currency,cents,paidAt']
    const totals = new Map<string, number>()
    for await (const { orderId, currency, cents, paidAt } of salesOf(day, signal)) {
      lines.push([orderId, currency, `${cents}`, paidAt].map(field).join())
      totals.set(currency, (totals.get(currency) ?? 0) + cents)
    }
    const Key = `sales/${day}.csv`
    await s3.putObject(
      { Bucket, Key, Body: `${lines.join('\r\n')}\r\n`, ContentType: 'text/csv; charset=utf-8' },
      { abortSignal: signal },
    )
    log.info('reported', { key: Key, sales: lines.length - 1, totals: Object.fromEntries(totals) })
  })

function dayBefore(time: Date): string {
  return new Date(time.getTime() - 86_400_000).toISOString().slice(0, 10)
}
