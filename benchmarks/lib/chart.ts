// A bar chart as SVG: a bar for each contender, with the interval that its median lies in.

export interface Bar {
  readonly label: string
  readonly value: number
  readonly interval?: readonly [low: number, high: number] | undefined
  /** Lambent's own stand out. */
  readonly ours?: boolean | undefined
}

export interface Chart {
  readonly title: string
  readonly unit: string
  readonly groups: readonly { readonly title: string; readonly bars: readonly Bar[] }[]
}

/** Of a letter of a label, in px: bold ones are the widest. */
const LETTER = 7.7
const BARS = 420
const VALUES = 110
const LINE = 22

export function chartOf({ title, unit, groups }: Chart): string {
  const bars = groups.flatMap(group => group.bars)
  const most = Math.max(...bars.map(({ value, interval }) => Math.max(value, interval?.[1] ?? 0)))
  const labels = Math.ceil(Math.max(...bars.map(({ label }) => label.length)) * LETTER) + 16
  const x = (value: number) => labels + (Math.max(0, value) / most) * BARS
  const parts: string[] = []
  let y = 40
  for (const group of groups) {
    y += LINE / 2
    if (group.title) parts.push(`<text x="8" y="${y}" class="group">${escaped(group.title)}</text>`)
    y += 8
    for (const { label, value, interval, ours } of group.bars) {
      const middle = y + LINE / 2
      parts.push(
        `<text x="${labels - 8}" y="${middle + 4}" text-anchor="end"${ours ? ' class="ours"' : ''}>${escaped(label)}</text>`,
        `<rect x="${labels}" y="${y + 4}" width="${(x(value) - labels).toFixed(1)}" height="${LINE - 8}" class="${ours ? 'bar own' : 'bar'}"/>`,
      )
      if (interval) {
        const [low, high] = interval.map(x) as [number, number]
        parts.push(`<path d="M${low.toFixed(1)} ${middle}H${high.toFixed(1)}" class="interval"/>`)
      }
      const end = Math.max(x(value), x(interval?.[1] ?? 0)) + 6
      parts.push(`<text x="${end.toFixed(1)}" y="${middle + 4}">${value.toLocaleString('en')} ${escaped(unit)}</text>`)
      y += LINE
    }
  }
  const width = labels + BARS + VALUES
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 12}" width="${width}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${escaped(title)}">
<style>text{fill:#1f2328}.bar{fill:#afb8c1}.own{fill:#0969da}.ours,.group{font-weight:600}.interval{stroke:#1f2328;stroke-width:2}.title{font-size:15px;font-weight:600}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bar{fill:#57606a}.own{fill:#2f81f7}.interval{stroke:#e6edf3}}</style>
<text x="8" y="22" class="title">${escaped(title)}</text>
${parts.join('\n')}
</svg>
`
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
