// The site: navigation, search in the page itself, and what is left out.
import { globSync } from 'node:fs'
import { defineConfig, type UserConfig } from 'vitepress'
import { packages } from '../pages.ts'

const guide = (folder: string) => `/packages/${folder}`
const MIDDLEWARES = [
  { text: 'Parse and validate', link: guide('schema') },
  { text: 'Idempotency', link: guide('idempotency') },
  { text: 'Retry', link: `${guide('retry')}#retryoptions` },
  { text: 'Timeout', link: `${guide('retry')}#timeoutms-timeout` },
  { text: 'Circuit breaker', link: `${guide('retry')}#circuitbreakeroptions` },
  { text: 'Bulkhead', link: `${guide('retry')}#bulkheadoptions` },
  { text: 'Secrets and parameters', link: guide('secrets') },
  { text: 'Dead letters', link: guide('dead-letter') },
  { text: 'Large messages', link: `${guide('dead-letter')}#largemessagesoptions` },
  { text: 'Logger', link: `${guide('powertools')}#loggeroptions-or-a-logger` },
  { text: 'Metrics, alarms', link: `${guide('powertools')}#metricsoptions-or-a-metrics` },
  { text: 'Tracing', link: `${guide('powertools')}#tracing` },
  { text: 'Input and output log', link: `${guide('powertools')}#inputoutputlogoptions` },
  { text: 'Warm-up', link: `${guide('powertools')}#warmuphandler--iswarmup-` },
  { text: 'Middlewares of middy', link: guide('middy') },
]
const modules = globSync('reference/@lambent/**/index.md', { cwd: `${import.meta.dirname}/..` })
  .map(file => file.split(/[/\\]/).slice(1, -1).join('/'))
  .sort()
const sidebar = [
  {
    text: 'Lambent',
    items: [
      { text: 'Start in five minutes', link: '/start' },
      { text: 'The idea', link: '/idea' },
      { text: 'Errors by code', link: '/errors' },
      { text: 'Cold start', link: '/cold-start' },
    ],
  },
  {
    text: 'Sources',
    items: [
      { text: 'HTTP', link: '/sources/http' },
      { text: 'SQS', link: '/sources/sqs' },
      { text: 'SNS', link: '/sources/sns' },
      { text: 'S3', link: '/sources/s3' },
      { text: 'DynamoDB Streams', link: '/sources/dynamodb-streams' },
      { text: 'Kinesis', link: '/sources/kinesis' },
      { text: 'Kafka', link: '/sources/kafka' },
      { text: 'Firehose', link: '/sources/firehose' },
      { text: 'EventBridge', link: '/sources/eventbridge' },
      { text: 'Schedules', link: '/sources/schedule' },
    ],
  },
  { text: 'Middlewares', items: MIDDLEWARES },
  {
    text: 'Recipes',
    items: [
      { text: 'Exactly-once worker', link: '/recipes/exactly-once-worker' },
      { text: 'Rotating database password', link: '/recipes/rotating-password' },
      { text: 'Poison messages', link: '/recipes/poison-messages' },
      { text: 'Webhook', link: '/recipes/webhook' },
    ],
  },
  {
    text: 'Migration',
    items: [
      { text: 'From middy', link: '/migrate/from-middy' },
      { text: 'From Powertools', link: '/migrate/from-powertools' },
    ],
  },
  {
    text: 'Packages',
    collapsed: true,
    items: packages.map(({ folder, name }) => ({ text: name, link: guide(folder) })),
  },
  { text: 'Reference', items: [{ text: 'All', link: '/reference/' }] },
]

/** As GitHub makes them, so that a link to a heading leads there in a README and on the site. */
const slugify = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')

const config: UserConfig = defineConfig({
  title: 'Lambent',
  description: 'The TypeScript framework for AWS Lambda handlers',
  cleanUrls: true,
  srcExclude: ['README.md', 'cold-start.md', 'node_modules/**', '.turbo/**', 'snippets/**'],
  rewrites: { 'measured/:page': ':page' },
  markdown: { anchor: { slugify } },
  vite: { build: { chunkSizeWarningLimit: 3000 } },
  themeConfig: {
    search: {
      provider: 'local',
      // Guides before the reference, whose pages are many and short.
      options: {
        miniSearch: {
          searchOptions: { boostDocument: (id: string) => (id.startsWith('/reference/') ? 0.3 : 1) },
        },
      },
    },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Sources', link: '/sources/sqs', activeMatch: '^/sources/' },
      { text: 'Packages', link: '/packages/', activeMatch: '^/packages/' },
      { text: 'Recipes', link: '/recipes/exactly-once-worker', activeMatch: '^/recipes/' },
      { text: 'Reference', link: '/reference/', activeMatch: '^/reference/' },
      { text: 'GitHub', link: 'https://github.com/lambent/lambent' },
    ],
    sidebar: {
      '/': sidebar,
      '/reference/': [
        { text: 'Reference', items: modules.map(name => ({ text: name, link: `/reference/${name}/` })) },
        { text: 'Guides', items: [{ text: 'Start in five minutes', link: '/start' }] },
      ],
    },
  },
})
export default config
