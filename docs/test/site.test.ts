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
    expect(await page.locator('h1').innerText()).toContain('Start in five minutes')
    expect(await page.locator('div[class*=language-ts] code').first().innerText()).toContain(
      'deadLetter({ to: sqsQueue',
    )
    await page.locator('.VPSidebar').getByRole('link', { name: '@lambent/idempotency' }).click()
    await page.waitForURL('**/packages/idempotency')
    expect(await page.locator('h1').innerText()).toContain('@lambent/idempotency')
    await page.goto(`${origin}/reference/`)
    expect(await page.locator('.vp-doc').innerText()).toContain('core')
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
    expect(await page.locator('.vp-doc').innerText()).toContain('IdempotencyPayloadMismatch')
    await page.close()
  })

  it('is readable on a phone: nothing is wider than the screen, and there is a menu', async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true })
    const wide: string[] = []
    for (const path of pages.filter(path => !path.startsWith('/reference') && path !== '/404')) {
      await page.goto(origin + path, { waitUntil: 'domcontentloaded' })
      if (await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1))
        wide.push(path)
    }
    expect(wide).toEqual([])
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
