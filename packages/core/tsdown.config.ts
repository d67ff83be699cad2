import { library } from '../../tsdown.shared.ts'

export default library({
  index: 'src/index.ts',
  correlation: 'src/correlation.ts',
  dynamodb: 'src/dynamodb.ts',
  'event-kind': 'src/event-kind.ts',
})
