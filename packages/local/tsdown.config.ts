import type { UserConfig } from 'tsdown'
import { library } from '../../tsdown.shared.ts'

// The bootstrap is the entry of another process: one ES module that shares no chunk with the library.
const bootstrap: UserConfig = {
  ...library({ bootstrap: 'src/bootstrap.ts' }),
  format: ['esm'],
  dts: false,
  clean: false,
}

export default [library({ index: 'src/index.ts' }), bootstrap] satisfies UserConfig[]
