// AppConfig Data has no emulator among ours: a server that answers as its API reference says, for either client.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Answer, type FaultServer, faultServer } from '../../test/fault-server.ts'
import * as scenarios from '../../test/wire/scenarios.ts'
import * as sdk from '../../test/wire/sdk.ts'
import { AppConfigData } from './index.ts'

let server: FaultServer
beforeAll(async () => {
  server = await faultServer()
})
afterAll(() => server.close())

// https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_appconfigdata_GetLatestConfiguration.html
const appConfig: Answer = (response, { method, path, body }) => {
  const { pathname, searchParams } = new URL(path, 'http://x')
  const json = { 'content-type': 'application/json' }
  if (method === 'POST' && pathname === '/configurationsessions') {
    const { ApplicationIdentifier } = JSON.parse(body)
    response
      .writeHead(201, json)
      .end(JSON.stringify({ InitialConfigurationToken: `${ApplicationIdentifier}+/= token` }))
  } else if (searchParams.get('configuration_token') === 'app+/= token')
    response
      .writeHead(200, {
        'content-type': 'application/json',
        'next-poll-configuration-token': 'next',
        'next-poll-interval-in-seconds': '60',
        'version-label': 'v1',
      })
      .end('{"flag":"é"}')
  else
    response
      .writeHead(400, { ...json, 'x-amzn-errortype': 'BadRequestException:http://internal.amazon.com/' })
      .end('{"Message":"Invalid token","Reason":"InvalidParameters"}')
}

it('says to either client the same', async () => {
  server.answer(appConfig)
  const config = {
    region: 'eu-west-1',
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  }
  const said = await scenarios.appConfigData(new AppConfigData(config))
  expect(said).toEqual(await scenarios.appConfigData(new sdk.AppConfigData(config)))
  expect(said[1]).toMatchObject({
    output: { NextPollIntervalInSeconds: 60, VersionLabel: 'v1', ContentType: 'application/json' },
  })
  expect(said[2]).toEqual({ output: '{"flag":"é"}' })
  expect(said[3]).toMatchObject({ error: { name: 'BadRequestException', message: 'Invalid token', status: 400 } })
})
