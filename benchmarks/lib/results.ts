// What a suite publishes in benchmarks/results: its data as JSON, tables for people, and a chart.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type About, about } from './about.ts'
import { type Chart, chartOf } from './chart.ts'

const FOLDER = join(import.meta.dirname, '../results')

export interface Table {
  readonly title?: string | undefined
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

export interface Results {
  /** The suite's, and the files'. */
  readonly name: string
  readonly title: string
  /** What was done, in a sentence or two. */
  readonly method: string
  readonly tables: readonly Table[]
  readonly chart?: Chart | undefined
  /** Sentences that follow from the tables. */
  readonly conclusions?: readonly string[] | undefined
  /** What goes into the JSON besides. */
  readonly data: object
  /** Whose versions are to be noted. */
  readonly packages?: readonly string[] | undefined
}

/** Prints the tables, and writes the files unless the run was only of a part. */
export function publish(results: Results, { partial = false }: { readonly partial?: boolean } = {}): void {
  const { name, data, chart } = results
  const of = about(results.packages)
  const text = markdown(results, of)
  console.log(text)
  if (partial) {
    console.log(`Only a part was run: benchmarks/results/${name}.* stay as they are.`)
    return
  }
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify({ ...of, ...data }, null, 2)}\n`)
  writeFileSync(join(FOLDER, `${name}.md`), text)
  if (chart) writeFileSync(join(FOLDER, `${name}.svg`), chartOf(chart))
}

function markdown({ name, title, method, tables, conclusions = [], chart }: Results, of: About): string {
  const versions = Object.entries(of.versions).map(([name, version]) => `${name} ${version}`)
  return [
    `# ${title}`,
    `${of.date}, ${of.machine}. ${method}`,
    ...(chart ? [`![${chart.title}](${name}.svg)`] : []),
    ...tables.map(table),
    ...(conclusions.length > 0 ? [conclusions.map(each => `- ${each}`).join('\n')] : []),
    ...(versions.length > 0 ? [`Versions: ${versions.join(', ')}.`] : []),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n')
}

function table({ title, columns, rows }: Table): string {
  const right = columns.map((_, column) => rows.every(row => typeof row[column] === 'number' || row[column] === ''))
  return [
    ...(title === undefined ? [] : [`## ${title}`, '']),
    `| ${columns.join(' | ')} |`,
    `| ${right.map(is => (is ? '---:' : '---')).join(' | ')} |`,
    ...rows.map(
      row => `| ${row.map(cell => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)).join(' | ')} |`,
    ),
  ].join('\n')
}
