/** Plaintext bytes per frame. With two wrapped keys, 1 MiB costs 1,334 bytes on 32 MiB. */
export const FRAME_BYTES = 1024 * 1024;

/** format.md 2.2: one for each Region. */
export const MAX_DATA_KEYS = 2;

/** What a message is; its encryption context says so and nothing more. */
export interface MessageIdentity {
  readonly vaultId: string;
  /** The snapshot whose run wrote it. */
  readonly snapshotId: string;
  readonly object: `pack/${string}` | `manifest/${number}` | `range/${number}`;
}

/** @returns the four pairs of format.md 2.3. */
export function encryptionContext(identity: MessageIdentity): Record<string, string> {
  return {
    'holdfast:format': '1',
    'holdfast:vault': identity.vaultId,
    'holdfast:snapshot': identity.snapshotId,
    'holdfast:object': identity.object,
  };
}
