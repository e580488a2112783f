/** The states of a key the embedded KMS has. AWS's others belong to features it refuses. */
export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

/** The kinds of key it makes. */
export type KeySpec = 'SYMMETRIC_DEFAULT' | 'ECC_NIST_P256';

export type KeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY';

/** One KMS key, without its material. */
export interface KeyRecord {
  readonly keyId: string;
  readonly region: string;
  readonly arn: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  readonly state: KeyState;
  readonly description: string;
  readonly policy: string;
  readonly rotationEnabled: boolean;
  /** Milliseconds since 1970 by the embedded clock. */
  readonly createdAt: number;
  /** When a key in `PendingDeletion` is destroyed; milliseconds since 1970. */
  readonly deletionDate: number | undefined;
}

/** `KeyMetadata` of CreateKey and DescribeKey. Dates are seconds since 1970. */
export function keyMetadata(key: KeyRecord, accountId: string): Record<string, unknown> {
  const algorithms =
    key.usage === 'SIGN_VERIFY'
      ? { SigningAlgorithms: ['ECDSA_SHA_256'] }
      : { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] };
  return {
    AWSAccountId: accountId,
    KeyId: key.keyId,
    Arn: key.arn,
    CreationDate: key.createdAt / 1000,
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.state,
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    MultiRegion: false,
    ...algorithms,
    ...(key.deletionDate === undefined ? {} : { DeletionDate: key.deletionDate / 1000 }),
  };
}
