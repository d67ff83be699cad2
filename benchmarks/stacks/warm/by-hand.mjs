// No framework: what the event loop and the measurement cost.
export const plain = () => async (_event, context) => (context.awsRequestId === '' ? 0 : 1)
export const overHttp = () => async (event, context) => ({
  statusCode: 201,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ value: JSON.parse(event.body) && context.awsRequestId ? 1 : 0 }),
})
