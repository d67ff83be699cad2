// Where a service is: by partition, region, FIPS and dual stack, or where the environment says.

import type { ClientConfig } from './client-config.ts'
import { AwsError } from './errors.ts'
import type { Service } from './service.ts'

/** What a connection is to. */
export interface Origin {
  readonly protocol: 'http:' | 'https:'
  readonly hostname: string
  /** 80 and 443 where the URL has none. */
  readonly port: number
}

export interface Endpoint extends Origin {
  /** As the Host header has it. */
  readonly host: string
  /** Path of the URL, without a slash at its end. */
  readonly path: string
  /** Whether it is another than AWS's own. */
  readonly custom: boolean
}

interface Partition {
  readonly name: string
  readonly suffix: string
  readonly dualstack: string
}

// https://docs.aws.amazon.com/general/latest/gr/rande.html
const PARTITIONS: readonly (readonly [RegExp, Partition])[] = [
  [/^cn-/, { name: 'aws-cn', suffix: 'amazonaws.com.cn', dualstack: 'api.amazonwebservices.com.cn' }],
  [/^us-gov-/, { name: 'aws-us-gov', suffix: 'amazonaws.com', dualstack: 'api.aws' }],
  [/^us-iso-/, { name: 'aws-iso', suffix: 'c2s.ic.gov', dualstack: 'api.aws.ic.gov' }],
  [/^us-isob-/, { name: 'aws-iso-b', suffix: 'sc2s.sgov.gov', dualstack: 'api.aws.scloud' }],
  [/^eu-isoe-/, { name: 'aws-iso-e', suffix: 'cloud.adc-e.uk', dualstack: 'api.cloud-aws.adc-e.uk' }],
  [/^us-isof-/, { name: 'aws-iso-f', suffix: 'csp.hci.ic.gov', dualstack: 'api.aws.hci.ic.gov' }],
  [/^eusc-/, { name: 'aws-eusc', suffix: 'amazonaws.eu', dualstack: 'api.amazonwebservices.eu' }],
]
const AWS: Partition = { name: 'aws', suffix: 'amazonaws.com', dualstack: 'api.aws' }

/** The partition of a region; `aws` where nothing says another. */
export function partitionOf(region: string): Partition {
  return PARTITIONS.find(([pattern]) => pattern.test(region))?.[1] ?? AWS
}

export function regionOf(service: Service, config: ClientConfig): string {
  const region = config.region ?? (process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION)
  if (!region) throw problem(service, 'no region: set AWS_REGION, or the region of the client')
  // It becomes part of a host name, to which signed requests go.
  if (!/^(?!-)[A-Za-z\d-]+(?<!-)$/.test(region)) throw problem(service, 'the region is no host label')
  return region
}

export function endpointOf(service: Service, config: ClientConfig): Endpoint {
  const { env } = process
  const url =
    config.endpoint ?? (/^true$/i.test(env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? '') ? '' : configured(service))
  const fips = config.useFipsEndpoint ?? /^true$/i.test(env.AWS_USE_FIPS_ENDPOINT ?? '')
  const dualstack = config.useDualstackEndpoint ?? /^true$/i.test(env.AWS_USE_DUALSTACK_ENDPOINT ?? '')
  if (!url) return parse(service, `https://${hostOf(service, regionOf(service, config), fips, dualstack)}`, false)
  if (fips || dualstack)
    throw problem(service, 'an endpoint of one’s own goes neither with FIPS nor with dual stack: set one of them')
  return parse(service, url, true)
}

function configured({ id }: Service): string | undefined {
  return process.env[`AWS_ENDPOINT_URL_${id}`] || process.env.AWS_ENDPOINT_URL
}

/** AWS's own host. */
export function hostOf(service: Service, region: string, fips: boolean, dualstack: boolean): string {
  const { prefix, dualstackInfix, govFips, plainDualstack } = service
  const partition = partitionOf(region)
  const plain =
    dualstackInfix ||
    (plainDualstack && (/^aws(-us-gov)?$/.test(partition.name) || (partition.name === 'aws-cn' && !fips)))
  const suffix = dualstack && !plain ? partition.dualstack : partition.suffix
  // Some endpoints of GovCloud are FIPS ones under their plain name.
  const isFips = partition.name === 'aws-us-gov' && (dualstack ? govFips === 'and dual stack' : govFips)
  const name = fips && !isFips ? `${prefix}-fips` : prefix
  return [name, ...(dualstack && dualstackInfix ? [dualstackInfix] : []), region, suffix].join('.')
}

function parse(service: Service, text: string, custom: boolean): Endpoint {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw problem(service, 'the endpoint is no URL, such as https://host:port') // the cause would quote it
  }
  const { protocol, host, pathname } = url
  if (!/^https?:$/.test(protocol)) throw problem(service, `the endpoint begins with ${protocol}, not with https:`)
  return { ...originOf(url), host, path: pathname.replace(/\/+$/, ''), custom }
}

/** Of a URL of HTTP or HTTPS. */
export function originOf({ protocol, hostname, port }: URL): Origin {
  const tls = protocol === 'https:'
  return {
    protocol: tls ? protocol : 'http:',
    hostname: hostname.replace(/^\[|\]$/g, ''), // of IPv6
    port: Number(port) || (tls ? 443 : 80),
  }
}

function problem({ name }: Service, message: string): AwsError {
  return new AwsError({
    name: 'EndpointError',
    message: `${name}: ${message}`,
    $fault: 'client',
    $service: name,
  })
}
