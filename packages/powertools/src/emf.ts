// A line of CloudWatch's embedded metric format, written at once: one object, no state.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

/** Where metrics belong. */
export interface Place {
  readonly namespace: string
  /** Dimensions of every metric, by name: one set. */
  readonly dimensions: Readonly<Record<string, string>>
}

export type Unit = 'Count' | 'Milliseconds'
export type Values = ReadonlyMap<string, { readonly unit: Unit; readonly value: number }>

/** The line, without its end. There are fewer than 100 metrics, each with one value: the limits are not met here. */
export function emfLine({ namespace, dimensions }: Place, values: Values): string {
  return JSON.stringify({
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [Object.keys(dimensions)],
          Metrics: Array.from(values, ([Name, { unit: Unit }]) => ({ Name, Unit })),
        },
      ],
    },
    ...dimensions,
    ...Object.fromEntries(Array.from(values, ([name, { value }]) => [name, value])),
  })
}
