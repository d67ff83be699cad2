import { library } from '../../tsdown.shared.ts'

export default library({
  index: 'src/index.ts',
  sqs: 'src/sqs.ts',
  s3: 'src/s3.ts',
  'dynamodb-streams': 'src/dynamodb-streams.ts',
  kinesis: 'src/kinesis.ts',
  eventbridge: 'src/eventbridge.ts',
  schedule: 'src/schedule.ts',
  sns: 'src/sns.ts',
  kafka: 'src/kafka.ts',
  firehose: 'src/firehose.ts',
})
