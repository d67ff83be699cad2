// Inputs and outputs of EventBridge, as in its API reference: named and shaped as the AWS SDK v3 does.
import type { MetadataBearer } from '../client/metadata.ts'

export interface PutEventsInput {
  Entries: PutEventsRequestEntry[]
  EndpointId?: string | undefined
}

export interface PutEventsOutput extends MetadataBearer {
  FailedEntryCount?: number | undefined
  Entries?: PutEventsResultEntry[] | undefined
}

export interface PutEventsRequestEntry {
  Time?: Date | undefined
  Source?: string | undefined
  Resources?: string[] | undefined
  DetailType?: string | undefined
  Detail?: string | undefined
  EventBusName?: string | undefined
  TraceHeader?: string | undefined
}

export interface PutEventsResultEntry {
  EventId?: string | undefined
  ErrorCode?: string | undefined
  ErrorMessage?: string | undefined
}
