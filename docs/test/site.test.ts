// The built site in a browser: its pages, its links, its search, on a phone. VitePress has refused dead links already.
import { existsSync, globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, resolve } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const dist = resolve(import.meta.dirname, '../.vitepress/dist')
const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  file => file && existsSync(file),
)
if (!executablePath) console.log('there is no Chromium on this machine: the site is not looked at')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
const pages = globSync('**/*.html', { cwd: dist }).map(
  file => `/${file.replace(/(^|\/)index\.html$/, '$1').replace(/\.html$/, '')}`,
)

let server: Server
let origin: string
beforeAll(async () => {
  server = createServer(async ({ url = '/' }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://x').pathname)
    const files = [path, `${path}.html`, join(path, 'index.html')].map(file => join(dist, file))
    for (const file of files)
      try {
        const body = await readFile(file)
        return void response
          .writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
          .end(body)
      } catch {} // the next one
    response.writeHead(404).end()
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

it('every link and image of every page leads somewhere, to the very heading', async () => {
  expect(pages.length).toBeGreaterThan(30)
  const targets = new Map<string, string>()
  const headings = new Map<string, Set<string>>()
  for (const page of pages) {
    const html = await (await fetch(origin + page)).text()
    headings.set(page.replace(/\/$/, ''), new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id ?? '')))
    for (const [, target = ''] of html.matchAll(/(?:href|src)="([^"]+)"/g))
      if (!/^(https?:|mailto:|data:)/.test(target))
        targets.set(new URL(target.replaceAll('&amp;', '&'), `${origin}${page}`).href, page)
  }
  const files = new Map<string, boolean>()
  const broken: string[] = []
  for (const [target, page] of targets) {
    const [file = '', id] = target.split('#')
    if (!files.has(file)) files.set(file, (await fetch(file)).ok)
    const path = decodeURIComponent(file.replace(origin, '')).replace(/\/$/, '')
    const there = files.get(file) && (!id || headings.get(path)?.has(decodeURIComponent(id)))
    if (!there) broken.push(`${target.replace(origin, '')} on ${page}`)
  }
  expect(broken).toEqual([])
})

describe.runIf(executablePath)('in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ]
    browser = await chromium.launch({ executablePath: executablePath as string, args })
  })
  afterAll(() => browser.close())

  it('one finds one’s way: navigation, sidebar, code, and no error in the console', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    const errors: string[] = []
    page.on('pageerror', error => errors.push(error.message))
    await page.goto(origin)
    await page.getByRole('link', { name: 'Start in five minutes' }).first().click()
    await page.waitForURL('**/start')
    await page.locator('h1', { hasText: 'Start in five minutes' }).waitFor()
    expect(await page.locator('div[class*=language-ts] code').first().innerText()).toContain(
      'deadLetter({ to: sqsQueue',
    )
    await page.locator('.VPSidebar').getByRole('link', { name: 'DynamoDB Streams' }).click()
    await page.waitForURL('**/sources/dynamodb-streams')
    await page.locator('h1', { hasText: 'DynamoDB Streams' }).waitFor()
    await page.locator('.VPSidebar').getByRole('link', { name: 'Idempotency' }).click()
    await page.waitForURL('**/packages/idempotency')
    await page.locator('h1', { hasText: '@lambent/idempotency' }).waitFor()
    await page.goto(`${origin}/reference/`)
    await page.locator('.vp-doc').getByRole('link', { name: '@lambent/core', exact: true }).click()
    await page.waitForURL('**/reference/@lambent/core/**')
    await page.locator('.vp-doc').getByRole('link', { name: 'classify' }).waitFor()
    expect(errors).toEqual([])
    await page.close()
  })

  it('search finds an error by its code, and goes there', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    await page.goto(origin)
    await page.getByRole('button', { name: 'Search' }).first().click()
    await page.locator('#localsearch-input').fill('IdempotencyPayloadMismatch')
    const first = page.locator('#localsearch-list a.result').first()
    await first.waitFor()
    await first.click()
    await page.waitForURL(url => url.pathname !== '/')
    await page.locator('.vp-doc', { hasText: 'IdempotencyPayloadMismatch' }).waitFor()
    // A guide stands before the hundreds of pages of the reference.
    await page.goto(origin)
    await page.getByRole('button', { name: 'Search' }).first().click()
    await page.locator('#localsearch-input').fill('sqs')
    await first.waitFor()
    expect(await first.getAttribute('href')).toContain('/sources/sqs')
    await page.close()
  })

  it('is readable on a phone: nothing is wider than the screen, and there is a menu', async () => {
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
    // What is served is looked at as it is: without scripts a page is there in a tenth of the time.
    const served = await browser.newPage({ ...phone, javaScriptEnabled: false })
    const wide: string[] = []
    for (const path of pages.filter(path => !path.startsWith('/reference') && path !== '/404')) {
      await served.goto(origin + path)
      if (await served.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1))
        wide.push(path)
    }
    expect(wide).toEqual([])
    await served.close()
    const page = await browser.newPage(phone)
    await page.goto(`${origin}/idea`)
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.locator('.VPSidebar.open').waitFor()
    expect(
      Number.parseFloat(
        await page
          .locator('.vp-doc p')
          .first()
          .evaluate(node => getComputedStyle(node).fontSize),
      ),
    ).toBeGreaterThanOrEqual(15)
    await page.close()
  })
})
