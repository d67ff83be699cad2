// Either client against moto: all services, where `moto_server` is on the machine.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as own from '../../src/index.ts'
import * as scenarios from '../wire/scenarios.ts'
import * as sdk from '../wire/sdk.ts'
import { comparable, type Outcome } from '../wire/transcript.ts'
import { hasMoto, type Moto, startMoto } from './moto.ts'

if (!hasMoto)
  it('does not run here: there is no moto_server', () =>
    console.log('moto_server is not on this machine: its tests did not run'))
else {
  let moto: Moto
  let config: {
    readonly region: string
    readonly endpoint: string
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  }
  beforeAll(async () => {
    moto = await startMoto()
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    config = { region: 'us-east-1', endpoint: moto.endpoint, credentials }
  }, 120_000)
  afterAll(() => moto?.stop())

  const both = async <Client>(run: (client: Client) => Promise<Outcome[]>, small: Client, large: Client) => {
    const said = await run(small)
    expect(said.map(comparable)).toEqual((await run(large)).map(comparable))
    return said
  }
  const names = (said: readonly unknown[]) => said.map(each => (each as { error?: { name?: string } }).error?.name)

  describe('moto says to either client the same:', () => {
    it('DynamoDB', async () => {
      const large = new sdk.DynamoDB(config)
      for (const TableName of ['small', 'sdk'])
        await large.createTable({
          TableName,
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
        })
      let table = 'small'
      const each = async (client: scenarios.Client<'dynamodb'>) => {
        const said = [...(await scenarios.dynamoDb(client, table)), ...(await scenarios.transactions(client, table))]
        table = 'sdk'
        return said
      }
      const said = await both(each, new own.DynamoDB(config), large)
      expect(said[3]).toMatchObject({ error: { Item: { b: { B: { bytes: '0001feff' } } } } })
      expect(names(said).at(-1)).toBe('TransactionCanceledException')
      expect(said.at(-1)).toMatchObject({
        error: { CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item: { b: { B: {} } } }] },
      })
    })

    it('SQS', async () => {
      const large = new sdk.SQS(config)
      const urls: string[] = []
      for (const QueueName of ['small', 'sdk']) urls.push((await large.createQueue({ QueueName })).QueueUrl ?? '')
      const each = (client: scenarios.Client<'sqs'>) => scenarios.sqs(client, urls.shift() ?? '')
      const said = await both(each, new own.SQS(config), large)
      expect(said[3]).toMatchObject({ output: { Messages: [{ Body: '{"é":"<&>"}' }] } })
    })

    it('SNS', async () => {
      const large = new sdk.SNS(config)
      const { TopicArn = '' } = await large.createTopic({ Name: 'topic' })
      const each = (client: scenarios.Client<'sns'>) => scenarios.sns(client, TopicArn)
      const said = await both(each, new own.SNS(config), large)
      expect(said[1]).toMatchObject({ output: { Successful: [{ Id: 'a' }, { Id: 'b' }], Failed: [] } })
    })

    it('EventBridge', async () => {
      const said = await both(scenarios.eventBridge, new own.EventBridge(config), new sdk.EventBridge(config))
      expect(said[0]).toMatchObject({ output: { FailedEntryCount: 0, Entries: [{}, {}] } })
    })

    it('Secrets Manager', async () => {
      const large = new sdk.SecretsManager(config)
      await large.createSecret({ Name: 'text', SecretString: '{"password":"é"}' })
      await large.putSecretValue({ SecretId: 'text', SecretString: '{"password":"new"}' })
      await large.createSecret({ Name: 'bytes', SecretBinary: new Uint8Array([0, 255]) })
      const said = await both(scenarios.secretsManager, new own.SecretsManager(config), large)
      expect(said[0]).toMatchObject({ output: { SecretString: '{"password":"new"}', CreatedDate: '<date>' } })
      expect(said[1]).toMatchObject({ output: { SecretBinary: { bytes: '00ff' } } })
      expect(names(said)[3]).toBe('ResourceNotFoundException')
    })

    it('Parameter Store', async () => {
      const large = new sdk.SSM(config)
      await large.putParameter({ Name: '/app/secure', Value: 's3cret', Type: 'SecureString' })
      await large.putParameter({ Name: '/app/list', Value: 'a,b', Type: 'StringList' })
      await large.putParameter({ Name: '/app/text', Value: 'é', Type: 'String' })
      const said = await both(scenarios.ssm, new own.SSM(config), large)
      expect(said[0]).toMatchObject({ output: { Parameter: { Value: 's3cret', LastModifiedDate: '<date>' } } })
      expect(said[2]).toMatchObject({ output: { InvalidParameters: ['/there/is/none'] } })
    })

    it('KMS', async () => {
      const large = new sdk.KMS(config)
      const { KeyMetadata } = await large.createKey({})
      const { CiphertextBlob = new Uint8Array() } = await large.encrypt({
        KeyId: KeyMetadata?.KeyId,
        Plaintext: Buffer.from('plain'),
        EncryptionContext: { LambdaFunctionName: 'f' },
      })
      const each = (client: scenarios.Client<'kms'>) => scenarios.kms(client, CiphertextBlob)
      const said = await both(each, new own.KMS(config), large)
      expect(said[0]).toMatchObject({ output: { Plaintext: { bytes: Buffer.from('plain').toString('hex') } } })
      expect(names(said)[1]).toBe('InvalidCiphertextException')
    })

    it('STS', async () => {
      const said = await both(scenarios.sts, new own.STS(config), new sdk.STS(config))
      expect(said[0]).toMatchObject({ output: { Credentials: { Expiration: '<date>' }, PackedPolicySize: 6 } })
    })

    it('S3', async () => {
      const large = new sdk.S3({ ...config, forcePathStyle: true })
      for (const Bucket of ['of-the-small', 'of-the-sdk']) await large.createBucket({ Bucket })
      const buckets = ['of-the-small', 'of-the-sdk']
      const each = (client: own.S3Port) => scenarios.s3(client, buckets.shift() ?? '')
      const said = await both<own.S3Port>(each, new own.S3(config), large)
      expect(said[1]).toMatchObject({ output: { text: 'héllo', Metadata: { one: '1', two: 'x y' } } })
    })
  })
}
