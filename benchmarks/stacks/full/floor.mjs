// The calls of calls.mjs, and two lines of JSON.
import { charge } from '../order/charge.ts'
import { eachMessage } from './calls.mjs'

export const handler = eachMessage((order, key) => {
  console.info(JSON.stringify({ level: 'INFO', message: 'charged', ...charge(order, key) }))
  console.info(JSON.stringify({ _aws: { CloudWatchMetrics: [] }, Charged: 1 }))
})
