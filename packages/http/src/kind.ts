// The four shapes of event that carry an HTTP request, told apart by the event itself.
import type { ALBEvent, APIGatewayProxyEvent, APIGatewayProxyEventV2, LambdaFunctionURLEvent } from 'aws-lambda'
import { object, text } from './loose.ts'

/**
 * The shape of an event, which is also the shape of the answer:
 * - `rest`: API Gateway's payload format 1.0 (REST APIs, and HTTP APIs that are set to it)
 * - `http`: API Gateway's payload format 2.0 (HTTP APIs)
 * - `function-url`: Lambda function URLs, format 2.0 too
 * - `alb`: Application Load Balancers
 */
export type HttpKind = 'rest' | 'http' | 'function-url' | 'alb'

export type HttpEvent = APIGatewayProxyEvent | APIGatewayProxyEventV2 | LambdaFunctionURLEvent | ALBEvent

/** The kind of an event that carries an HTTP request, or undefined for any other. */
export function kindOf(event: unknown): HttpKind | undefined {
  const { httpMethod, type, requestContext } = object(event) ?? {}
  const context = object(requestContext)
  // What a Lambda authorizer gets looks like a request, but wants a policy for an answer.
  if (!context || type === 'REQUEST' || type === 'TOKEN') return undefined
  if (object(context.http) && text(object(context.http)?.method))
    return text(context.domainName)?.includes('.lambda-url.') ? 'function-url' : 'http'
  if (!text(httpMethod)) return undefined
  return object(context.elb) ? 'alb' : 'rest'
}
