import { library } from '../../tsdown.shared.ts'

export default library({
  index: 'src/index.ts',
  schema: 'src/schema.ts',
  correlation: 'src/correlation.ts',
  powertools: 'src/powertools.ts',
  tracing: 'src/tracing.ts',
  testing: 'src/testing.ts',
  aws: 'src/aws.ts',
  dynamodb: 'src/dynamodb.ts',
  middy: 'src/middy.ts',
})
