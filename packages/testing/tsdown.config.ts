import { library } from '../../tsdown.shared.ts'

export default library({ index: 'src/index.ts', 'idempotency-store': 'src/idempotency-store/index.ts' })
