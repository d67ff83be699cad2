// The types of `ctx.secrets`: what schemas make of the texts.
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import { plain } from '../test/context.ts'
import { appConfig, dynamoDbItem, kmsEnv, parameter, parametersByPath, secret, secrets, source } from './index.ts'

describe('ctx.secrets', () => {
  it('has the outputs of the schemas', () => {
    plain()
      .use(
        secrets({
          db: secret('db', { schema: z.object({ port: z.string().transform(Number) }) }),
          flag: parameter('/flag', {
            schema: v.pipe(
              v.string(),
              v.transform(text => text === 'on'),
            ),
          }),
          conf: appConfig({
            application: 'a',
            environment: 'e',
            profile: 'p',
            schema: z.object({ limit: z.number() }),
          }),
          item: dynamoDbItem({ tableName: 't', key: { id: '1' }, schema: z.object({ on: z.boolean() }) }),
        }),
      )
      .handle(({ secrets }) => {
        expectTypeOf(secrets.db).toEqualTypeOf<{ port: number }>()
        expectTypeOf(secrets.flag).toEqualTypeOf<boolean>()
        expectTypeOf(secrets.conf).toEqualTypeOf<{ limit: number }>()
        expectTypeOf(secrets.item).toEqualTypeOf<{ on: boolean }>()
        expectTypeOf(secrets.refresh('db')).toEqualTypeOf<Promise<{ port: number }>>()
        // @ts-expect-error there is no such secret
        void secrets.refresh('other')
        // @ts-expect-error nor this one
        void secrets.other
      })
  })

  it('has what each source gives without a schema', () => {
    plain()
      .use(
        secrets({
          text: secret('a'),
          bytes: secret('a', { binary: true }),
          json: secret('a', { json: true }),
          list: parameter('a', { list: true }),
          plain: parameter('a', { decrypt: false }),
          all: parametersByPath('/a'),
          key: kmsEnv('KEY'),
          own: source({ name: 'own', fetch: async () => 7 }),
          conf: appConfig({ application: 'a', environment: 'e', profile: 'p' }),
          raw: appConfig({ application: 'a', environment: 'e', profile: 'p', json: false }),
        }),
      )
      .handle(({ secrets }) => {
        expectTypeOf(secrets.text).toEqualTypeOf<string>()
        expectTypeOf(secrets.bytes).toEqualTypeOf<Uint8Array>()
        expectTypeOf(secrets.json).toEqualTypeOf<unknown>()
        expectTypeOf(secrets.list).toEqualTypeOf<readonly string[]>()
        expectTypeOf(secrets.plain).toEqualTypeOf<string>()
        expectTypeOf(secrets.all).toEqualTypeOf<Readonly<Record<string, string>>>()
        expectTypeOf(secrets.key).toEqualTypeOf<string>()
        expectTypeOf(secrets.own).toEqualTypeOf<number>()
        expectTypeOf(secrets.conf).toEqualTypeOf<unknown>()
        expectTypeOf(secrets.raw).toEqualTypeOf<string>()
      })
  })

  it('can’t be provided twice with another type', () => {
    const pipeline = plain().use(secrets({ a: secret('a') }))
    // @ts-expect-error ctx.secrets is already provided with another type
    pipeline.use(secrets({ a: source({ name: 'a', fetch: () => 1 }) }))
  })
})
