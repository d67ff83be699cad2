import { http } from '@lambent/http'

export const handler = http().handle(() => ({ batchItemFailures: [] }))
