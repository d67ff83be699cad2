import type { UserConfig } from 'tsdown'
import { library } from '../../tsdown.shared.ts'

// A command line is an ES module: nobody requires it.
const config: UserConfig = { ...library({ index: 'src/index.ts', bin: 'src/bin.ts' }), format: ['esm'] }
export default config
