// The third party: slow on Mondays.
import { PermanentError, RetryableError } from '@lambent/core'

export interface Shipment {
  readonly orderId: string
  readonly status: 'packed' | 'sent' | 'returned'
}

/**
 * @throws {RetryableError} `WarehouseDown`, when it does not take it now
 * @throws {PermanentError} `WarehouseRefused`, when it never will: no reason to open the circuit for all the others
 */
export async function tell(url: string, shipment: Shipment, signal: AbortSignal): Promise<void> {
  const answer = await fetch(`${url}/shipments/${encodeURIComponent(shipment.orderId)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(shipment),
    signal,
  })
  await answer.body?.cancel()
  if (answer.ok) return
  if (answer.status < 500 && answer.status !== 408 && answer.status !== 429)
    throw new PermanentError(`the warehouse answered ${answer.status}`, { code: 'WarehouseRefused' })
  throw new RetryableError(`the warehouse answered ${answer.status}`, { code: 'WarehouseDown' })
}
