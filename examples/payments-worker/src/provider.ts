// The payment provider's API, in the words of errors that say whether another attempt can help.
import { PermanentError, RetryableError } from '@lambent/core'
import type { Payment } from './payments.ts'

/**
 * Charges, once for a payment: the provider knows a repeat by its key.
 * @throws {PermanentError} `Declined`
 * @throws {RetryableError} `ProviderDown`, with the provider's Retry-After
 */
export async function charge(
  url: string,
  payment: Payment,
  signal: AbortSignal,
): Promise<{ readonly chargeId: string }> {
  const answer = await fetch(`${url}/charges`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': payment.paymentId },
    body: JSON.stringify(payment),
    signal,
  })
  if (answer.ok) return (await answer.json()) as { chargeId: string }
  await answer.body?.cancel()
  if (answer.status === 402) throw new PermanentError('the provider declined the payment', { code: 'Declined' })
  if (answer.status < 500 && answer.status !== 429)
    throw new PermanentError(`the provider answered ${answer.status}`, { code: 'ProviderRefused' })
  const seconds = Number(answer.headers.get('retry-after'))
  throw new RetryableError(`the provider answered ${answer.status}`, {
    code: 'ProviderDown',
    ...(seconds > 0 && { retryAfter: seconds * 1000 }),
  })
}
