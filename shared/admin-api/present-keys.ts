import type { CopyName, PerCopy } from '../domain/copy-name.ts';
import type { Vault } from '../domain/records.ts';
import type { KeyAnswer } from './answers.ts';

/** The key states of a vault, `null` when the key service did not answer. */
type KnownKeyStates = PerCopy<{
  state: Exclude<KeyAnswer['state'], 'Unknown'>;
  deletionDate: Date | null;
}> | null;

/** @returns a vault's keys; `states` is `null` when the key service did not answer. */
export function presentKeys(vault: Vault, states: KnownKeyStates): PerCopy<KeyAnswer> {
  const present = (copy: CopyName): KeyAnswer => ({
    arn: vault.keys[copy],
    state: states?.[copy].state ?? 'Unknown',
    deletionDate: states?.[copy].deletionDate?.toISOString() ?? null,
  });
  return { primary: present('primary'), secondary: present('secondary') };
}
