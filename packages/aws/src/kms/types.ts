// Inputs and outputs of KMS, as in its API reference: named and shaped as the AWS SDK v3 does.
import type { MetadataBearer } from '../client/metadata.ts'

export interface DecryptInput {
  CiphertextBlob?: Uint8Array | undefined
  EncryptionContext?: Record<string, string> | undefined
  GrantTokens?: string[] | undefined
  KeyId?: string | undefined
  EncryptionAlgorithm?: EncryptionAlgorithmSpec | undefined
  Recipient?: RecipientInfo | undefined
  DryRun?: boolean | undefined
  DryRunModifiers?: DryRunModifierType[] | undefined
}

export interface DecryptOutput extends MetadataBearer {
  KeyId?: string | undefined
  Plaintext?: Uint8Array | undefined
  EncryptionAlgorithm?: EncryptionAlgorithmSpec | undefined
  CiphertextForRecipient?: Uint8Array | undefined
  KeyMaterialId?: string | undefined
}

export type EncryptionAlgorithmSpec = 'RSAES_OAEP_SHA_1' | 'RSAES_OAEP_SHA_256' | 'SM2PKE' | 'SYMMETRIC_DEFAULT'

export interface RecipientInfo {
  KeyEncryptionAlgorithm?: KeyEncryptionMechanism | undefined
  AttestationDocument?: Uint8Array | undefined
}

export type KeyEncryptionMechanism = 'RSAES_OAEP_SHA_256'

export type DryRunModifierType = 'IGNORE_CIPHERTEXT'
