// Where services are: compared with what the AWS SDK resolves, for all services, partitions and variants.
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as sdk from '../../test/wire/sdk.ts'
import { endpointOf, hostOf, regionOf } from './endpoint.ts'
import * as services from './services.ts'

const { DYNAMODB_SERVICE, SECRETS_MANAGER_SERVICE } = services

describe.each(Object.values(services))('$name', service => {
  const REGIONS = [
    'us-east-1',
    'eu-central-1',
    'cn-north-1',
    'us-gov-west-1',
    'us-gov-east-1',
    'us-iso-east-1',
    'us-isob-east-1',
    'eu-isoe-west-1',
    'us-isof-south-1',
    'eusc-de-east-1',
  ]
  const VARIANTS = [false, true].flatMap(fips => [false, true].map(dualstack => ({ fips, dualstack })))

  it.each(REGIONS)('is where the SDK has it, in %s', async region => {
    for (const { fips, dualstack } of VARIANTS) {
      // There is none: the SDK refuses to resolve it.
      if (service.name === 'S3' && region === 'cn-north-1' && fips) continue
      const Client = new Map(Object.entries(sdk)).get(service.name) as typeof sdk.DynamoDB
      const client = new Client({ region })
      const { url } = client.config.endpointProvider(
        { Region: region, UseFIPS: fips, UseDualStack: dualstack } as never,
        {},
      )
      expect(hostOf(service, region, fips, dualstack)).toBe(url.host)
    }
  })
})

describe('the environment', () => {
  afterEach(() => vi.unstubAllEnvs())
  const url = (service = DYNAMODB_SERVICE, config = {}) => {
    const { protocol, host, path } = endpointOf(service, config)
    return `${protocol}//${host}${path}`
  }

  it('says the region: AWS_REGION before AWS_DEFAULT_REGION', () => {
    vi.stubEnv('AWS_DEFAULT_REGION', 'eu-west-2')
    expect(regionOf(DYNAMODB_SERVICE, {})).toBe('eu-west-2')
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    expect(regionOf(DYNAMODB_SERVICE, {})).toBe('eu-west-1')
    expect(regionOf(DYNAMODB_SERVICE, { region: 'us-west-2' })).toBe('us-west-2')
  })

  it('must say a region, and one that can be part of a host', () => {
    vi.stubEnv('AWS_REGION', '')
    vi.stubEnv('AWS_DEFAULT_REGION', '')
    expect(() => url()).toThrow('DynamoDB: no region: set AWS_REGION')
    expect(() => url(DYNAMODB_SERVICE, { region: 'x.evil.test/' })).toThrow('the region is no host label')
  })

  it('redirects one service before all, and nothing where it is told to be ignored', () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://localhost:4566/all/')
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', 'http://[::1]:9000')
    expect(url()).toBe('http://localhost:4566/all')
    expect(url(SECRETS_MANAGER_SERVICE)).toBe('http://[::1]:9000')
    expect(endpointOf(SECRETS_MANAGER_SERVICE, {}).hostname).toBe('::1')
    vi.stubEnv('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'true')
    expect(url()).toBe('https://dynamodb.eu-west-1.amazonaws.com')
    expect(url(DYNAMODB_SERVICE, { endpoint: 'https://vpce.test' })).toBe('https://vpce.test')
  })

  it('asks for FIPS and dual stack', () => {
    vi.stubEnv('AWS_REGION', 'us-east-1')
    vi.stubEnv('AWS_USE_FIPS_ENDPOINT', 'true')
    expect(url()).toBe('https://dynamodb-fips.us-east-1.amazonaws.com')
    vi.stubEnv('AWS_USE_DUALSTACK_ENDPOINT', 'true')
    expect(url()).toBe('https://dynamodb-fips.us-east-1.api.aws')
    expect(url(DYNAMODB_SERVICE, { useFipsEndpoint: false })).toBe('https://dynamodb.us-east-1.api.aws')
    expect(() => url(DYNAMODB_SERVICE, { endpoint: 'http://localhost:1' })).toThrow(
      'neither with FIPS nor with dual stack',
    )
  })

  it.each(['no url', 'ftp://host', 'localhost:8000'])('refuses %j as an endpoint', endpoint => {
    expect(() => url(DYNAMODB_SERVICE, { region: 'eu-west-1', endpoint })).toThrow(/^DynamoDB: the endpoint /)
  })

  it('never quotes it: it may have a password', async () => {
    const { inspect } = await import('node:util')
    const attempt = async () => url(DYNAMODB_SERVICE, { region: 'eu-west-1', endpoint: 'http://a:hunter2@[b' })
    expect(inspect(await attempt().catch(thrown => thrown))).not.toContain('hunter2')
  })
})
