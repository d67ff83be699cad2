import { library } from '../../tsdown.shared.ts'

const services = [
  'dynamodb',
  'sqs',
  'sns',
  'eventbridge',
  'secrets-manager',
  'ssm',
  'kms',
  'appconfigdata',
  's3',
  'sts',
]
const entry = Object.fromEntries(services.map(name => [name, `src/${name}/index.ts`]))

export default library({ index: 'src/index.ts', ...entry })
