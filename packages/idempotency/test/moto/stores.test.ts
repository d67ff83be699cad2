// The expressions of dynamoDbStore() against moto, which, other than dynalite, gives the item of a failed condition.
import { DynamoDB } from '@lambent/aws/dynamodb'
import { idempotencyStoreCases } from '@lambent/testing/idempotency-store'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { hasMoto, type Moto, startMoto } from '../../../aws/test/moto/moto.ts'
import { dynamoDbStore } from '../../src/index.ts'
import { credentials, startDynamo } from '../servers.ts'

if (!hasMoto)
  it('does not run here: there is no moto_server', () =>
    console.log('moto_server is not on this machine: its tests did not run'))
else
  describe('dynamoDbStore() on moto', () => {
    // A conditional write of moto is not one step: of two at once both may take place.
    const cases = idempotencyStoreCases.filter(({ name }) => !name.includes('64'))
    let moto: Moto
    beforeAll(async () => {
      moto = await startMoto()
      await (await startDynamo(moto.endpoint)).table('idempotency')
    }, 120_000)
    afterAll(() => moto?.stop())
    const client = () => new DynamoDB({ endpoint: moto.endpoint, region: 'eu-west-1', credentials })
    describe.each(['lambent', 'powertools'] as const)('in the format %s', format =>
      it.each(cases)('$name', ({ run }) => run(dynamoDbStore({ tableName: 'idempotency', client: client(), format }))),
    )
  })
