// Inputs and outputs of AppConfig Data, as in its API reference: named and shaped as the AWS SDK v3 does.
import type { MetadataBearer } from '../client/metadata.ts'

export interface StartConfigurationSessionInput {
  ApplicationIdentifier: string
  EnvironmentIdentifier: string
  ConfigurationProfileIdentifier: string
  /** Seconds, 15 to 86,400. */
  RequiredMinimumPollIntervalInSeconds?: number | undefined
}

export interface StartConfigurationSessionOutput extends MetadataBearer {
  InitialConfigurationToken?: string | undefined
}

export interface GetLatestConfigurationInput {
  ConfigurationToken: string
}

/** Bytes that can be read as text. */
export interface ConfigurationBytes extends Uint8Array {
  /** @param encoding default `utf-8` */
  transformToString(encoding?: string): string
}

export interface GetLatestConfigurationOutput extends MetadataBearer {
  NextPollConfigurationToken?: string | undefined
  NextPollIntervalInSeconds?: number | undefined
  ContentType?: string | undefined
  Configuration?: ConfigurationBytes | undefined
  VersionLabel?: string | undefined
}
