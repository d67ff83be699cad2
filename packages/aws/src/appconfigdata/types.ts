// Inputs and outputs of AppConfig Data, as in its API reference: named and shaped as the AWS SDK v3 does.
import type { MetadataBearer } from '../client/metadata.ts'

export interface StartConfigurationSessionInput {
  ApplicationIdentifier: string
  EnvironmentIdentifier: string
  ConfigurationProfileIdentifier: string
  RequiredMinimumPollIntervalInSeconds?: number | undefined
}

export interface StartConfigurationSessionOutput extends MetadataBearer {
  InitialConfigurationToken?: string | undefined
}

export interface GetLatestConfigurationInput {
  ConfigurationToken: string
}

export interface GetLatestConfigurationOutput extends MetadataBearer {}
