import { library } from '../../tsdown.shared.ts'

export default library({
  index: 'src/index.ts',
  logger: 'src/logger.ts',
  metrics: 'src/metrics.ts',
})
