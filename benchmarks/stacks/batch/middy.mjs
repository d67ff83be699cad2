import middy from '@middy/core'
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure'

/** All records at once, as middy's manual shows it. */
export const batch = take =>
  middy()
    .use(sqsPartialBatchFailure({ logger: false }))
    .handler(({ Records }) => Promise.allSettled(Records.map(async ({ body }) => take(JSON.parse(body)))))
