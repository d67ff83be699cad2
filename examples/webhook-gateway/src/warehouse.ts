// The third party: slow on Mondays.
import { RetryableError } from '@lambent/core'

export interface Shipment {
  readonly orderId: string
  readonly status: 'packed' | 'sent' | 'returned'
}

/** @throws {RetryableError} when it does not take it now */
export async function tell(url: string, shipment: Shipment, signal: AbortSignal): Promise<void> {
  const answer = await fetch(`${url}/shipments/${encodeURIComponent(shipment.orderId)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(shipment),
    signal,
  })
  await answer.body?.cancel()
  if (!answer.ok) throw new RetryableError(`the warehouse answered ${answer.status}`, { code: 'WarehouseDown' })
}
