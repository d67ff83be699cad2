// One POST, not signed, which only an emulator takes: the floor.
const { hostname, port } = new URL(process.env.AWS_ENDPOINT_URL_DYNAMODB)
const http = process.getBuiltinModule('node:http')
const agent = new http.Agent({ keepAlive: true })

export const handler = ({ orderId }) =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify({ TableName: process.env.ORDERS_TABLE ?? 'orders', Item: { id: { S: orderId } } })
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.PutItem',
      'content-length': Buffer.byteLength(body),
      // The shape of a signature, which the emulator asks for and does not check.
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      'x-amz-date': '20260101T000000Z',
    }
    http
      .request({ agent, hostname, port, method: 'POST', path: '/', headers }, response => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', chunk => {
          text += chunk
        })
        response.on('end', () => {
          if (response.statusCode === 200) resolve({ put: orderId })
          else reject(new Error(text))
        })
      })
      .on('error', reject)
      .end(body)
  })
