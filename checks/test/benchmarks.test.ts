// What benchmarks/ keeps that another file writes.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { template } from '../../benchmarks/on-aws/template.ts'

it('the template for AWS has the contenders of today: node benchmarks/on-aws/template.ts writes it anew', () => {
  const file = new URL('../../benchmarks/on-aws/template.yaml', import.meta.url)
  expect(readFileSync(file, 'utf8')).toBe(template)
})
