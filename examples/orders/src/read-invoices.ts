// S3: invoices that were uploaded.
import { PermanentError } from '@lambent/core'
import { s3 } from '@lambent/events/s3'

export const handler = s3()
  .each()
  .handle(({ object, eventName }) => {
    if (!object.key.endsWith('.pdf'))
      throw new PermanentError('an invoice is a PDF: fix the filter of the notification')
    console.info(JSON.stringify({ invoice: object.key, version: object.versionId, why: eventName }))
  })
