// A Standard Schema without a library, so that the packages alone are measured.
import type { StandardSchemaV1 } from '@standard-schema/spec'

export const Order: StandardSchemaV1<unknown, { readonly orderId: string }> = {
  '~standard': {
    version: 1,
    vendor: 'bench',
    validate(value) {
      const orderId = (value as { readonly orderId?: unknown } | null)?.orderId
      return typeof orderId === 'string' ? { value: { orderId } } : { issues: [{ message: 'orderId is needed' }] }
    },
  },
}

export function validate(value: unknown): { readonly orderId: string } {
  const result = Order['~standard'].validate(value)
  if (result instanceof Promise || result.issues) throw new TypeError('it is no order')
  return result.value
}
