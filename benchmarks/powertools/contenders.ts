// The same work: one line of the log and one metric for a request. By hand on Powertools, and by @lambent/powertools.

const EVENT = `{
  version: '2.0', routeKey: '$default', rawPath: '/orders', rawQueryString: '', headers: {}, isBase64Encoded: false,
  requestContext: { http: { method: 'GET', path: '/orders' }, requestId: 'r' },
}`
const CONTEXT = `{ awsRequestId: 'r', functionName: 'f', getRemainingTimeInMillis: () => 3000 }`

export const contenders: Readonly<Record<string, string>> = {
  bare: `const handler = async () => ({ statusCode: 200 })`,
  'engine alone (http)': `
    import { http } from '@lambent/http'
    const handler = http().handle(() => ({ status: 200 }))`,
  Powertools: `
    import { Logger } from '@aws-lambda-powertools/logger'
    import { Metrics } from '@aws-lambda-powertools/metrics'
    const log = new Logger({ serviceName: 'shop' })
    const metrics = new Metrics({ namespace: 'shop', serviceName: 'orders' })
    const handler = async (event, context) => {
      log.addContext(context)
      log.info('taken')
      metrics.addMetric('OrdersTaken', 'Count', 1)
      metrics.publishStoredMetrics()
      return { statusCode: 200 }
    }`,
  'Powertools, in http()': `
    import { http } from '@lambent/http'
    import { Logger } from '@aws-lambda-powertools/logger'
    import { Metrics } from '@aws-lambda-powertools/metrics'
    const log = new Logger({ serviceName: 'shop' })
    const metrics = new Metrics({ namespace: 'shop', serviceName: 'orders' })
    const handler = http().handle(({ lambda }) => {
      log.addContext(lambda)
      log.info('taken')
      metrics.addMetric('OrdersTaken', 'Count', 1)
      metrics.publishStoredMetrics()
      return { status: 200 }
    })`,
  '@lambent/powertools': `
    import { http } from '@lambent/http'
    import { logger, metrics } from '@lambent/powertools'
    const handler = http()
      .use(metrics({ namespace: 'shop', serviceName: 'orders' }))
      .use(logger({ serviceName: 'shop' }))
      .handle(({ log, metrics }) => {
        log.info('taken')
        metrics.addMetric('OrdersTaken', 'Count', 1)
        return { status: 200 }
      })`,
}

/** What each is run by: one invocation, then its status on stderr. */
export const call: string = `
process.stderr.write(String((await handler(${EVENT}, ${CONTEXT})).statusCode), () => process.exit())`
