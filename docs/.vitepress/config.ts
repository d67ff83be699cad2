// The site: navigation, search in the page itself, and what is left out.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, type UserConfig } from 'vitepress'

const root = join(import.meta.dirname, '../..')
const names = (folders: readonly string[]) =>
  folders.map(folder => {
    const { name } = JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'))
    return { text: name as string, link: `/packages/${folder}` }
  })
const FUNCTIONS = [
  'http',
  'events',
  'schema',
  'retry',
  'idempotency',
  'secrets',
  'dead-letter',
  'powertools',
  'middy',
  'aws',
  'core',
  'lambent',
]
const TOOLS = globSync('packages/*/package.json', { cwd: root })
  .map(file => file.split(/[/\\]/)[1] ?? '')
  .filter(folder => !FUNCTIONS.includes(folder))
  .sort()

const config: UserConfig = defineConfig({
  title: 'Lambent',
  description: 'The TypeScript framework for AWS Lambda handlers',
  cleanUrls: true,
  srcExclude: ['README.md', 'cold-start.md', 'node_modules/**', '.turbo/**', 'snippets/**'],
  rewrites: { 'measured/:page': ':page' },
  vite: { build: { chunkSizeWarningLimit: 3000 } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Packages', link: '/packages/' },
      { text: 'Recipes', link: '/recipes/exactly-once-worker' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Cold start', link: '/cold-start' },
    ],
    sidebar: [
      {
        text: 'Lambent',
        items: [
          { text: 'Start in five minutes', link: '/start' },
          { text: 'The idea', link: '/idea' },
          { text: 'Errors by code', link: '/errors' },
          { text: 'Cold start', link: '/cold-start' },
        ],
      },
      { text: 'Sources and middlewares', items: names(FUNCTIONS) },
      { text: 'Tools', items: names(TOOLS) },
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
      { text: 'Reference', items: [{ text: 'All', link: '/reference/' }] },
    ],
  },
})
export default config
