// `npm run bench -- size`: what is deployed: each package alone and each stack, minified, and minified and gzipped.
import { dependenciesOf, STACKS } from '../lib/about.ts'
import { contenders, STACK_TITLES, type StackName } from '../lib/contenders.ts'
import { options } from '../lib/options.ts'
import { publish, type Table } from '../lib/results.ts'
import {
  kB,
  lambentParts,
  type Part,
  peerParts,
  type Size,
  sizeOf,
  sizeOfStack,
  sizeWithoutSchema,
} from '../lib/sizes.ts'

const { partial } = options({})

interface Row extends Size {
  readonly name: string
  readonly ours: boolean
}
const bold = ({ name, ours }: Row) => (ours ? `**${name}**` : name)
const COLUMNS = ['', 'min, kB', 'min+gzip, kB']
const table = (title: string, rows: readonly Row[]): Table => ({
  title,
  columns: COLUMNS,
  rows: rows.map(row => [bold(row), kB(row.min), kB(row.gzip)]),
})

const rowsOf = (parts: readonly Part[]): Promise<readonly Row[]> =>
  Promise.all(parts.map(async part => ({ name: part.name, ours: part.ours, ...(await sizeOf(part)) })))
const parts = [...(await rowsOf(lambentParts)), ...(await rowsOf(peerParts))]

const stacks = await Promise.all(
  contenders
    .filter(({ stack }) => stack !== 'packages')
    .map(async contender => ({
      stack: contender.stack,
      name: contender.name,
      ours: contender.ours,
      ...(await sizeOfStack(contender)),
    })),
)
// What is left of a stack when its schema library is not counted.
const without = await Promise.all(
  (['http', 'sqs', 'full'] as const).flatMap(stack =>
    ['lambent', 'middy', 'middy-powertools', 'sdk', 'powertools'].flatMap(entry => {
      const found = contenders.find(each => each.entry === `${stack}/${entry}`)
      // The parser of Powertools brings zod itself.
      return found && found.entry !== 'http/middy-powertools'
        ? [
            sizeWithoutSchema(found).then(size => ({
              stack,
              name: found.name.split(' · ')[0] ?? '',
              ours: found.ours,
              ...size,
            })),
          ]
        : []
    }),
  ),
)

const names = Object.keys(STACK_TITLES) as StackName[]
const of = (stack: StackName, rows: readonly (Row & { readonly stack: StackName })[]) =>
  rows.filter(row => row.stack === stack)
const full = without.find(({ stack, ours }) => stack === 'full' && ours)

publish(
  {
    name: 'size',
    title: 'Bundle sizes',
    method: `esbuild, minified ES modules with all that they import but Node.js itself; gzip at level 9. Of a package all that it exports, and after a colon what is imported of it. A banner of 0.1 kB is in each.`,
    tables: [
      ...names.flatMap(stack => (of(stack, stacks).length > 0 ? [table(STACK_TITLES[stack], of(stack, stacks))] : [])),
      table(
        'Stacks without their schema library',
        without.map(row => ({ ...row, name: `${row.stack}: ${row.name}` })),
      ),
      table('Packages', parts),
    ],
    chart: {
      title: 'Stacks without their schema library, min+gzip, kB',
      unit: 'kB',
      groups: (['http', 'sqs', 'full'] as const).map(stack => ({
        title: STACK_TITLES[stack],
        bars: of(stack, without).map(({ name, ours, gzip }) => ({ label: name, value: kB(gzip), ours })),
      })),
    },
    conclusions: full
      ? [`The full stack without its schema library is ${kB(full.min)} kB minified, ${kB(full.gzip)} kB gzipped.`]
      : [],
    data: { stacks, withoutSchema: without, parts },
    packages: ['esbuild', ...dependenciesOf(STACKS)],
  },
  { partial },
)
