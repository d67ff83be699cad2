import type { UserConfig } from 'tsdown'
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

// aws4 is bundled: it is CommonJS that requires builtins, which an ES module bundle of a user's could not hold. What it
// requires is loaded when it signs.
const config: UserConfig = {
  ...library({ index: 'src/index.ts', ...entry }),
  deps: { alwaysBundle: ['aws4'] },
  alias: {
    crypto: `${import.meta.dirname}/src/client/aws4/crypto.cjs`,
    url: `${import.meta.dirname}/src/client/aws4/url.cjs`,
    querystring: `${import.meta.dirname}/src/client/aws4/querystring.cjs`,
  },
}
export default config
