import { library } from '../../tsdown.shared.ts'

export default library({
  index: 'src/index.ts',
  logger: 'src/logger.ts',
  metrics: 'src/metrics.ts',
  tracing: 'src/tracing.ts',
  xray: 'src/xray.ts',
  warmup: 'src/warmup.ts',
  'input-output-log': 'src/input-output-log.ts',
})
