// The effect: what it gives shows that the order was parsed and the secret was there.
export const charge = (
  order: { readonly orderId: string; readonly items: readonly { readonly quantity: number }[] },
  key: string,
): { readonly orderId: string; readonly units: number; readonly keyLength: number } => ({
  orderId: order.orderId,
  units: order.items.reduce((sum, { quantity }) => sum + quantity, 0),
  keyLength: key.length,
})
