// Sources against moto, where `moto_server` is on the machine.
import * as sdkKms from '@aws-sdk/client-kms'
import * as sdkSecrets from '@aws-sdk/client-secrets-manager'
import * as sdkSsm from '@aws-sdk/client-ssm'
import { KMS, SecretsManager, SSM } from '@lambent/aws'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { hasMoto, type Moto, startMoto } from '../../../aws/test/moto/moto.ts'
import { kmsEnv, parameter, parametersByPath, secret, secrets } from '../../src/index.ts'
import { lambda, plain } from '../context.ts'

if (!hasMoto)
  it('does not run here: there is no moto_server', () =>
    console.log('moto_server is not on this machine: its tests did not run'))
else
  describe('on moto', () => {
    let moto: Moto
    const config = () => ({
      region: 'us-east-1',
      endpoint: moto.endpoint,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    })
    beforeAll(async () => {
      moto = await startMoto()
      const manager = new sdkSecrets.SecretsManager(config())
      for (let i = 0; i < 23; i++) await manager.createSecret({ Name: `s${i}`, SecretString: `value ${i}` })
      await manager.createSecret({ Name: 'bytes', SecretBinary: new Uint8Array([0, 255]) })
      const store = new sdkSsm.SSM(config())
      for (let i = 0; i < 12; i++)
        await store.putParameter({ Name: `/app/p${i}`, Value: `value ${i}`, Type: 'SecureString' })
    }, 120_000)
    afterAll(() => moto?.stop())
    afterEach(() => vi.unstubAllEnvs())

    describe.each([
      ['@lambent/aws', () => ({ sm: new SecretsManager(config()), ssm: new SSM(config()), kms: new KMS(config()) })],
      [
        'the AWS SDK',
        () => ({
          sm: new sdkSecrets.SecretsManager(config()),
          ssm: new sdkSsm.SSM(config()),
          kms: new sdkKms.KMS(config()),
        }),
      ],
    ])('by %s', (_name, clients) => {
      it('many are fetched, each to its name', async () => {
        const { sm, ssm } = clients()
        const many = Object.fromEntries([
          ...Array.from({ length: 23 }, (_, i) => [`s${i}`, secret(`s${i}`, { client: sm })] as const),
          ...Array.from({ length: 12 }, (_, i) => [`p${i}`, parameter(`/app/p${i}`, { client: ssm })] as const),
        ])
        const handler = plain()
          .use(secrets({ ...many, all: parametersByPath('/app', { client: ssm }) }))
          .handle(({ secrets }) => [
            ...Object.keys(many).map(name => (secrets as unknown as Readonly<Record<string, unknown>>)[name]),
            secrets.all,
          ])
        const values = [
          ...Array.from({ length: 23 }, (_, i) => `value ${i}`),
          ...Array.from({ length: 12 }, (_, i) => `value ${i}`),
        ]
        const all = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`p${i}`, `value ${i}`]))
        expect(await handler({}, lambda())).toEqual([...values, all])
      })

      it('bytes, an earlier version, what there is not, and an encrypted variable', async () => {
        const { sm, ssm, kms } = clients()
        const key = new sdkKms.KMS(config())
        const { KeyMetadata } = await key.createKey({})
        const EncryptionContext = { LambdaFunctionName: 'orders' }
        const { CiphertextBlob = new Uint8Array() } = await key.encrypt({
          KeyId: KeyMetadata?.KeyId,
          Plaintext: Buffer.from('sk_live'),
          EncryptionContext,
        })
        vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'orders')
        vi.stubEnv('STRIPE_KEY', Buffer.from(CiphertextBlob).toString('base64'))
        const handler = plain()
          .use(
            secrets({
              bytes: secret('bytes', { client: sm, binary: true }),
              key: kmsEnv('STRIPE_KEY', { client: kms }),
            }),
          )
          .handle(({ secrets }) => [secrets.bytes, secrets.key])
        expect(await handler({}, lambda())).toEqual([new Uint8Array([0, 255]), 'sk_live'])
        for (const source of [secret('none', { client: sm }), parameter('/none', { client: ssm })]) {
          const missing = plain()
            .use(secrets({ source }))
            .handle(() => {})
          await expect(missing({}, lambda())).rejects.toMatchObject({ code: 'SecretNotFound' })
        }
      })
    })
  })
