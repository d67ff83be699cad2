import { classify, HttpError } from '@lambent/core'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { bodyOf, parseErrorOf } from '../test/source.ts'
import { json, ParseError, type Schema } from './index.ts'

describe('ParseError', () => {
  it('is a permanent HttpError', () => {
    const error = new ParseError('MalformedJson', 'body', 'malformed')
    expect(error).toBeInstanceOf(HttpError)
    expect(error).toMatchObject({ name: 'ParseError', code: 'MalformedJson', status: 400, message: 'body: malformed' })
    expect(classify(error)).toBe('permanent')
    expect(classify(new ParseError('ContentTooLarge', 'body', 'x', { status: 413 }))).toBe('permanent')
  })

  it('is permanent even with a cause that is retryable', () => {
    const cause = Object.assign(new Error('x'), { retryable: true })
    expect(classify(new ParseError('X', 'body', 'x', { cause }))).toBe('permanent')
  })

  it('has paths as JSON pointers, with ~ and / escaped, for keys of any kind', () => {
    const path = ['a/b', 'c~d', 0, '', Symbol('s'), { key: 'e' }, { key: 1 }]
    const { issues } = new ParseError('X', 'body', 'x', { issues: [{ message: 'm', path }] })
    expect(issues[0]?.path).toBe('/a~1b/c~0d/0//Symbol(s)/e/1')
  })

  it('lists 32 issues, says three, and how many more there are', () => {
    const issues = Array.from({ length: 100 }, (_, index) => ({ message: 'wrong', path: [index] }))
    const { message, extensions } = new ParseError('X', 'body', 'does not match', { issues })
    expect(message).toBe('body: does not match: /0 wrong; /1 wrong; /2 wrong; and 97 more')
    expect(extensions).toMatchObject({ omittedIssues: 68 })
    expect(extensions.issues).toHaveLength(32)
    expect(new ParseError('X', 'body', 'x', { issues: issues.slice(0, 32) }).extensions).not.toHaveProperty(
      'omittedIssues',
    )
  })

  it('bounds what a path and a message may have, since both can have keys of the payload', async () => {
    const key = 'k'.repeat(1e6)
    const { message, issues } = await parseErrorOf(bodyOf(json(z.strictObject({})), JSON.stringify({ [key]: 1 })))
    expect(message.length).toBeLessThan(500)
    expect(issues[0]?.message).toHaveLength(301)
    const deep = await parseErrorOf(bodyOf(json(z.record(z.string(), z.string())), JSON.stringify({ [key]: 1 })))
    expect(deep.issues[0]?.path).toHaveLength(301)
  })

  it('takes a failure without issues for one', async () => {
    const failing: Schema = { '~standard': { version: 1, vendor: 'x', validate: () => ({ issues: [] }) } }
    expect((await parseErrorOf(bodyOf(json(failing), '1'))).message).toBe('body: does not match its schema')
  })
})

describe('messages of schema libraries', () => {
  const SECRET = 'S3CR3T'
  const NUMBER = 4_111_111_111_111_111

  it.each<[string, Schema]>([
    [
      'zod',
      z.object({
        a: z.number(),
        b: z.email(),
        c: z.enum(['x']),
        d: z.number().max(5),
        e: z.literal(1),
        f: z.string().max(1),
      }),
    ],
    ['valibot', v.object({ a: v.number() })],
    ['valibot, emails', v.object({ b: v.pipe(v.string(), v.email()) })],
    ['valibot, picklists', v.object({ c: v.picklist(['x']) })],
    ['valibot, limits', v.object({ d: v.pipe(v.number(), v.maxValue(5)) })],
    ['valibot, unions', v.object({ e: v.union([v.literal(1), v.literal('x')]) })],
    ['valibot, patterns', v.object({ f: v.pipe(v.string(), v.regex(/^x$/)) })],
    ['valibot, strict objects', v.strictObject({ a: v.number() })],
    ['arktype', type({ a: 'number', b: 'string.email', c: "'x'", d: 'number < 5', e: '1 | "x"', f: '/^x$/' })],
    ['arktype, several at once', type({ d: 'number < 5 & number % 2' })],
    ['arktype, predicates', type({ f: 'string' }).narrow((_, ctx) => ctx.mustBe('different'))],
  ])('of %s never quote what they refuse', async (_name, schema) => {
    const text = JSON.stringify({ a: SECRET, b: SECRET, c: SECRET, d: NUMBER, e: SECRET, f: SECRET })
    const error = await parseErrorOf(bodyOf(json(schema), text))
    const shown = JSON.stringify([error.message, error.extensions, error.stack])
    expect(shown).not.toContain(SECRET)
    expect(shown).not.toContain(String(NUMBER))
    expect(error.issues.every(issue => issue.message.length > 5)).toBe(true)
  })

  it.each<[string, Schema, string, string]>([
    ['zod', z.object({ a: z.number() }), '{"a":"x"}', 'Invalid input: expected number, received string'],
    ['valibot', v.object({ a: v.number() }), '{"a":"x"}', 'Invalid type: Expected number'],
    ['valibot', v.object({ a: v.number() }), '{"a":null}', 'Invalid type: Expected number but received null'],
    ['valibot', v.object({ a: v.number() }), '{}', 'Invalid key: Expected "a" but received undefined'],
    ['valibot', v.object({ a: v.pipe(v.string(), v.email()) }), '{"a":"x"}', 'Invalid email'],
    ['arktype', type({ a: 'number' }), '{"a":"x"}', 'a must be a number (was a string)'],
    ['arktype', type({ a: 'number' }), '{}', 'a must be a number (was missing)'],
    ['arktype', type({ a: 'string.email' }), '{"a":"x"}', 'a must be an email address'],
  ])('of %s still say what is wrong', async (_name, schema, text, message) => {
    expect((await parseErrorOf(bodyOf(json(schema), text))).issues[0]?.message).toBe(message)
  })
})
