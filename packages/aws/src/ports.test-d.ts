// Either client can be handed to a middleware: the small one, and the AWS SDK's.
import { describe, expectTypeOf, it } from 'vitest'
import type { SdkClients } from '../test/wire/sdk.ts'
import type { Clients, MethodOf, S3, S3Port } from './index.ts'

type Port<Service extends keyof Clients> = Pick<Clients[Service], MethodOf<Service>>

describe('the AWS SDK’s clients fit where the small ones do', () => {
  it('of each service', () => {
    expectTypeOf<SdkClients['dynamodb']>().toExtend<Port<'dynamodb'>>()
    expectTypeOf<SdkClients['sqs']>().toExtend<Port<'sqs'>>()
    expectTypeOf<SdkClients['sns']>().toExtend<Port<'sns'>>()
    expectTypeOf<SdkClients['eventbridge']>().toExtend<Port<'eventbridge'>>()
    expectTypeOf<SdkClients['secrets-manager']>().toExtend<Port<'secrets-manager'>>()
    expectTypeOf<SdkClients['ssm']>().toExtend<Port<'ssm'>>()
    expectTypeOf<SdkClients['kms']>().toExtend<Port<'kms'>>()
    expectTypeOf<SdkClients['appconfigdata']>().toExtend<Port<'appconfigdata'>>()
    expectTypeOf<SdkClients['s3']>().toExtend<S3Port>()
    expectTypeOf<S3>().toExtend<S3Port>()
    expectTypeOf<SdkClients['sts']>().toExtend<Port<'sts'>>()
  })
})
