// Programs for the compiler: chains of middlewares of which each adds a key of its own, and every second needs the key of
// the one before. The handler reads all of them, and one that nobody gave, which must not compile.

export interface Program {
  readonly name: string
  readonly ours: boolean
  /** What is imported in any case. */
  readonly imports: string
  /** A chain of middlewares with these keys. */
  chain(keys: readonly string[]): string
}

const number = (keys: readonly string[]) => keys.map(key => `${key}: number`).join('; ')
const sum = (keys: readonly string[], of: (key: string) => string) => keys.map(of).join(' + ')
const lines = (keys: readonly string[], line: (key: string, before: string | undefined) => string) =>
  keys.map((key, index) => line(key, index % 2 === 1 ? keys[index - 1] : undefined)).join('\n')

export const programs: readonly Program[] = [
  {
    name: 'Lambent',
    ours: true,
    imports: `import type { Middleware } from '@lambent/core'\nimport { http } from '@lambent/http'`,
    chain: keys => `
${lines(keys, (key, before) => `const ${key}: Middleware<${before ? `{ ${number([before])} }` : 'unknown'}, { ${number([key])} }> = async (ctx, next) => next({ ${key}: ${before ? `ctx.${before}` : 'ctx.unit.id.length'} })`)}
export const handler = http()
${lines(keys, key => `  .use(${key})`)}
  .handle(ctx => {
    // @ts-expect-error nobody gave it
    ctx.missing
    const total: number = ${sum(keys, key => `ctx.${key}`)}
    return { total }
  })`,
  },
  {
    name: 'Lambent, written in place',
    ours: true,
    imports: `import { http } from '@lambent/http'`,
    chain: keys => `
export const handler = http()
${lines(keys, (key, before) => `  .use((ctx, next) => next({ ${key}: ${before ? `ctx.${before}` : 'ctx.unit.id.length'} }))`)}
  .handle(ctx => {
    // @ts-expect-error nobody gave it
    ctx.missing
    const total: number = ${sum(keys, key => `ctx.${key}`)}
    return { total }
  })`,
  },
  {
    name: 'hono',
    ours: false,
    imports: `import { Hono } from 'hono'\nimport { createMiddleware } from 'hono/factory'`,
    // A middleware of hono can say what it needs by the same Variables.
    chain: keys => `
${lines(keys, (key, before) => `const ${key} = createMiddleware<{ Variables: { ${number(before ? [before, key] : [key])} } }>(async (c, next) => { c.set('${key}', ${before ? `c.get('${before}')` : 'c.req.path.length'}); await next() })`)}
export const app = new Hono()
${lines(keys, key => `  .use(${key})`)}
  .get('/', c => {
    // @ts-expect-error nobody gave it
    c.get('missing').length
    const total: number = ${sum(keys, key => `c.get('${key}')`)}
    return c.json({ total })
  })`,
  },
  {
    name: 'tRPC, written in place',
    ours: false,
    imports: `import { initTRPC } from '@trpc/server'\nconst t = initTRPC.context<{ id: string }>().create()`,
    chain: keys => `
export const procedure = t.procedure
${lines(keys, (key, before) => `  .use(({ ctx, next }) => next({ ctx: { ${key}: ${before ? `ctx.${before}` : 'ctx.id.length'} } }))`)}
  .query(({ ctx }) => {
    // @ts-expect-error nobody gave it
    ctx.missing
    const total: number = ${sum(keys, key => `ctx.${key}`)}
    return { total }
  })`,
  },
]
