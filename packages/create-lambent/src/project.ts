// The files of a project: a handler, its test, its template.
import { PARTS, type Part, SOURCES, type Source, type SourceName } from './sources.ts'

export interface Choice {
  /** Of the package, and of the function. */
  readonly name: string
  readonly source: SourceName
  readonly parts: readonly Part[]
  /** Of the packages of Lambent. */
  readonly version: string
}

/** Their contents by their paths. Parts that do not go with the source are left out. */
export function project({ name, source: sourceName, parts, version }: Choice): Readonly<Record<string, string>> {
  const source: Source = SOURCES[sourceName]
  const has = (part: Part) => parts.includes(part) && !source.without.includes(part)
  const files = {
    'package.json': `${JSON.stringify(manifest(name, source, has, version), undefined, 2)}\n`,
    'tsconfig.json': TSCONFIG,
    'vitest.config.ts': VITEST,
    '.gitignore': 'node_modules/\ndist/\n.aws-sam/\n.env\n',
    'src/handler.ts': handler(source, sourceName, has),
    'test/handler.test.ts': test(source, has),
    'template.yaml': template(name, source, has),
    'README.md': readme(name, source, has),
  }
  return has('secrets') ? { ...files, 'test/secrets-manager.ts': SECRETS_MANAGER } : files
}

type Has = (part: Part) => boolean

const hasQueueOfFailures = (source: Source, has: Has) => has('dead-letter') || source.failures !== undefined

function manifest(name: string, source: Source, has: Has, version: string): object {
  const dependencies = {
    lambent: version,
    ...((has('logger') || has('metrics')) && {
      '@aws-lambda-powertools/logger': '^2.36.0',
      '@aws-lambda-powertools/metrics': '^2.36.0',
    }),
    ...(has('parse') && { zod: '^4.6.7' }),
  }
  return {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    engines: { node: '>=22.12' },
    scripts: {
      build:
        'esbuild src/handler.ts --bundle --minify --keep-names --sourcemap --platform=node --target=node22 --format=esm --outfile=dist/handler.mjs --log-level=warning',
      test: 'vitest run',
      typecheck: 'tsc -p .',
      deploy: 'npm run build && sam deploy --guided',
    },
    dependencies,
    devDependencies: {
      ...(hasQueueOfFailures(source, has) && { '@lambent/cli': version }), // npx lambent dlq
      '@types/aws-lambda': '^8.10.164',
      '@types/node': '^24.19.2',
      esbuild: '^0.28.2',
      typescript: '^7.0.2',
      vitest: '^5.1.1',
    },
  }
}

const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2023",
    "lib": ["es2024"],
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "exactOptionalPropertyTypes": true,
    "verbatimModuleSyntax": true,
    "rewriteRelativeImportExtensions": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["src", "test"]
}
`

const VITEST = `import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    env: {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      DLQ_URL: 'http://127.0.0.1:9/000000000000/dlq', // nothing is sent there: the test succeeds
      SECRET_ID: 'app/secret',
    },
  },
})
`

function handler(source: Source, sourceName: SourceName, has: Has): string {
  const call = source.call.replace(/\(.*/s, '')
  const names = [
    ...(has('dead-letter') ? ['deadLetter', 'sqsQueue'] : []),
    ...(has('idempotent') ? ['dynamoDbStore', 'idempotent', 'memoryStore'] : []),
    ...(has('idempotent') && sourceName === 'http' ? ['idempotencyKeyHeader'] : []),
    ...(has('parse') ? ['parse'] : []),
    ...(has('parse') && source.codec('x') !== 'x' ? ['json'] : []),
    ...(has('retry') ? ['retry'] : []),
    ...(has('secrets') ? ['secret', 'secrets'] : []),
    call,
  ].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
  const powertools = (['logger', 'metrics'] as const).filter(has)
  const taken = [
    has('parse') ? 'body' : source.takes,
    ...(has('secrets') ? ['secrets'] : []),
    ...powertools.map(part => (part === 'logger' ? 'log' : 'metrics')),
  ]
  const said = has('parse') ? 'body.orderId' : source.said
  const uses = [
    has('metrics') && `  .use(metrics({ namespace: 'App' }))`,
    has('logger') && '  .use(logger())',
    has('secrets') && `  .use(secrets({ app: secret(process.env.SECRET_ID ?? 'app/secret') }))`,
    source.records && '  .each() // from here on, once a record',
    has('logger') && source.records && '  .use(logger())',
    has('dead-letter') &&
      `  .use(deadLetter({ to: sqsQueue(process.env.DLQ_URL)${sourceName === 'sqs' ? ', after: 3' : ''} }))`,
    ...(sourceName === 'http'
      ? [idempotentUse(source, sourceName, has), parseUse(source, has)]
      : [parseUse(source, has), idempotentUse(source, sourceName, has)]),
    has('retry') && '  .use(retry({ attempts: 3 }))',
  ].filter(line => line !== false)
  const work = [
    has('logger') ? `    log.info('taken', { what: ${said} })` : `    console.info(JSON.stringify({ taken: ${said} }))`,
    has('metrics') && `    metrics.addMetric('Taken', 'Count', 1)`,
    has('secrets') && `    if (secrets.app === '') throw new Error('the secret is empty')`,
    source.returns && `    return ${source.returns(taken[0] ?? '')}`,
  ].filter(line => line !== false && line !== undefined)
  return [
    `// ${source.title}: rename it, and go on from here.`,
    `import { ${names.join(', ')} } from 'lambent'`,
    powertools.length > 0 && `import { ${powertools.join(', ')} } from 'lambent/powertools'`,
    has('parse') && `import * as z from 'zod'`,
    '',
    has('parse') && 'const Order = z.object({ orderId: z.string().min(1) })\n',
    has('idempotent') && '// In memory where there is no table: on Lambda that does not start.',
    has('idempotent') &&
      'const store = process.env.IDEMPOTENCY_TABLE\n  ? dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE })\n  : memoryStore()\n',
    `export const handler = ${source.call}`,
    ...uses,
    `  .handle(async ({ ${[...new Set(taken)].join(', ')} }) => {`,
    ...work,
    '  })',
    '',
  ]
    .filter(line => line !== false)
    .join('\n')
}

function parseUse(source: Source, has: Has): string | false {
  return has('parse') && `  .use(parse(${source.codec('Order')}))`
}

function idempotentUse(source: Source, sourceName: SourceName, has: Has): string | false {
  if (!has('idempotent')) return false
  if (sourceName === 'http') return '  .use(idempotent({ store, ...idempotencyKeyHeader() }))'
  const key = has('parse') ? '({ body }) => body.orderId' : `({ unit }) => ${source.key}`
  return `  .use(idempotent({ store, key: ${key} }))`
}

function test(source: Source, has: Has): string {
  const { name, code } = source.event(`{ orderId: 'o-1' }`)
  const imports = `import { invoke, ${name} } from 'lambent/testing'`
  const lines = has('secrets')
    ? [
        `import { invoke, ${name} } from 'lambent/testing'`,
        `import { afterAll, beforeAll, expect, it } from 'vitest'`,
        `import { startSecretsManager } from './secrets-manager.ts'`,
        '',
        'let secretsManager: Awaited<ReturnType<typeof startSecretsManager>>',
        'beforeAll(async () => {',
        `  secretsManager = await startSecretsManager('a secret')`,
        '  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = secretsManager.url',
        '})',
        'afterAll(() => secretsManager.stop())',
        '',
        `const event = ${code}`,
        '',
        `it('takes what it is made for', async () => {`,
        `  const { handler } = await import('../src/handler.ts') // it asks for the secret at once`,
      ]
    : [
        imports,
        `import { expect, it } from 'vitest'`,
        `import { handler } from '../src/handler.ts'`,
        '',
        `const event = ${code}`,
        '',
        `it('takes what it is made for', async () => {`,
      ]
  return [...lines, `  expect(await invoke(handler, event)).toEqual(${source.answer})`, '})', ''].join('\n')
}

const SECRETS_MANAGER = `// A Secrets Manager that has one secret, for the tests.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export async function startSecretsManager(SecretString: string): Promise<{ readonly url: string; stop(): void }> {
  const server = createServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify({ Name: 'app/secret', ARN: 'arn', VersionId: 'v1', SecretString }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: \`http://127.0.0.1:\${(server.address() as AddressInfo).port}\`,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
`

function template(name: string, source: Source, has: Has): string {
  const dlq = hasQueueOfFailures(source, has)
  const variables = [
    has('dead-letter') && 'DLQ_URL: !Ref Dlq',
    has('idempotent') && 'IDEMPOTENCY_TABLE: !Ref Idempotency',
    has('secrets') && 'SECRET_ID: !Ref Secret',
    has('logger') && `POWERTOOLS_SERVICE_NAME: ${name}`,
  ].filter(line => line !== false)
  const statements = [
    has('idempotent') &&
      '{ Effect: Allow, Action: [dynamodb:GetItem, dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem], Resource: !GetAtt Idempotency.Arn }',
    (has('dead-letter') || source.failures === 'destination') &&
      '{ Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Dlq.Arn }',
    has('secrets') && '{ Effect: Allow, Action: secretsmanager:GetSecretValue, Resource: !Ref Secret }',
  ].filter(line => line !== false && line !== undefined)
  return `AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Description: "${name}: ${source.title}, on Lambent"
${source.parameters ? `\nParameters:${source.parameters}\n` : ''}
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs24.x
      Architectures: [arm64] # a fifth cheaper than x86_64 for the same work
      MemorySize: 512
      Timeout: 10
      CodeUri: dist/ # \`npm run build\` writes it
      Handler: handler.handler
      Tracing: Active
      LoggingConfig: { LogFormat: JSON, LogGroup: !Ref Logs }
${
  variables.length > 0
    ? `      Environment:
        Variables:
${variables.map(line => `          ${line}`).join('\n')}
`
    : ''
}${
  statements.length > 0
    ? `      Policies: # what the function does, and nothing more
        - Version: "2012-10-17"
          Statement:
${statements.map(line => `            - ${line}`).join('\n')}
`
    : ''
}${
  source.async
    ? `      EventInvokeConfig: # what fails three times goes to the queue, not away
        MaximumRetryAttempts: 2
        DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt Dlq.Arn } }
`
    : ''
}${
  source.trigger
    ? `      Events:
        Source:
          ${source.trigger}
`
    : ''
}  Logs:
    Type: AWS::Logs::LogGroup
    Properties: { RetentionInDays: 30 } # without it: for ever${source.resources}
${
  dlq
    ? `  Dlq:
    Type: AWS::SQS::Queue
    Properties: { MessageRetentionPeriod: 1209600, SqsManagedSseEnabled: true } # 14 days, the most there is
  AlarmTopic:
    Type: AWS::SNS::Topic # subscribe whoever is on call
  DeadLetters: # somebody has to look: npx lambent dlq explain
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmActions: [!Ref AlarmTopic]
      Namespace: AWS/SQS
      MetricName: ApproximateNumberOfMessagesVisible
      Dimensions: [{ Name: QueueName, Value: !GetAtt Dlq.QueueName }]
      Statistic: Maximum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
`
    : ''
}${
  has('idempotent')
    ? `  Idempotency:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      TimeToLiveSpecification: { AttributeName: expiration, Enabled: true }
`
    : ''
}${
  has('secrets')
    ? `  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: { Description: "Of ${name}: put its value in the console" }
`
    : ''
}`
}

function readme(name: string, source: Source, has: Has): string {
  const parts = (Object.keys(PARTS) as Part[]).filter(has)
  return `# ${name}

A function for ${source.title}, on [Lambent](https://github.com/lambent/lambent).

- \`src/handler.ts\`: the handler${parts.length > 0 ? `, with ${parts.join(', ')}` : ''}
- \`test/handler.test.ts\`: its test
- \`template.yaml\`: what it needs on AWS (SAM)

\`\`\`sh
npm install
npm test
npm run build
npm run deploy # with AWS credentials and the SAM CLI
\`\`\`
${hasQueueOfFailures(source, has) ? AT_THREE : ''}`
}

const AT_THREE = `
When the alarm \`DeadLetters\` fires, it names the queue:

\`\`\`sh
npx lambent dlq explain <queue> # what went wrong, how often, since when; --help has what comes next
\`\`\`
`
