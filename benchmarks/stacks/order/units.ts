// What the handlers work out of an order, so that nothing can be left out as unused.
export const units = (order: { readonly items: readonly { readonly quantity: number }[] }): number =>
  order.items.reduce((sum, { quantity }) => sum + quantity, 0)
