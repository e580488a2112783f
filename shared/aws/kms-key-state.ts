import { DescribeKeyCommand, type KMS } from '@aws-sdk/client-kms';
import type { KeyState } from '../ports/key-custody.ts';
import { keyFault, ownerOf } from './kms-faults.ts';
import { awsAnswerOf } from './translate-errors.ts';

/** @returns the Region of a key, from its ARN. */
export function regionOfKey(keyArn: string): string {
  return keyArn.split(':')[3] ?? '';
}

/** @throws HoldfastError `KEYS_UNAVAILABLE`; `KEYS_UNUSABLE` when looking is denied. */
export async function describeKeyState(client: KMS, keyArn: string): Promise<KeyState> {
  try {
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: keyArn }));
    const state = nameOf(KeyMetadata?.KeyState);
    const deletionDate = state === 'PendingDeletion' ? KeyMetadata?.DeletionDate : undefined;
    return { state, deletionDate: deletionDate ?? null };
  } catch (error) {
    if (awsAnswerOf(error).code === 'NotFoundException') {
      return { state: 'Gone', deletionDate: null };
    }
    throw keyFault(ownerOf(keyArn), error);
  }
}

function nameOf(state: string | undefined): KeyState['state'] {
  switch (state) {
    case 'Enabled':
    case 'Disabled':
    case 'PendingDeletion':
      return state;
    default:
      return 'Other';
  }
}
