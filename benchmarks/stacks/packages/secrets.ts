import { sqs } from '@lambent/events/sqs'
import { secret, secrets } from '@lambent/secrets'

export const handler = sqs()
  .use(secrets({ psp: secret(process.env.SECRET_ID ?? 'prod/psp') }))
  .each()
  .handle(({ secrets }) => {
    if (secrets.psp === '') throw new Error('no key')
  })
