import { followChain } from '../audit/follow-chain.ts';
import { NO_ENTRIES } from '../domain/audit-chain.ts';
import type { CertificateStatement } from '../domain/certificate-records.ts';
import { inBothCopies, type PerCopy } from '../domain/copy-name.ts';
import type { Erasure } from '../domain/erasure-records.ts';
import type { Policy } from '../domain/policy.ts';
import type { Vault } from '../domain/records.ts';
import { tombstoneKey, vaultPrefix } from '../format/object-keys.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { findOtherKeys } from '../snapshot/other-keys.ts';
import { type RemainingCiphertext, remainingCiphertext } from './remaining-ciphertext.ts';

/** Everything a certificate is made of, as it was found; nothing of it is judged yet. */
export interface CertificateFacts {
  readonly statement: CertificateStatement;
  readonly vault: Vault;
  readonly erasure: Erasure;
  readonly policy: Policy;
  /** What lies in each copy, as S3 lists it now. */
  readonly remaining: PerCopy<RemainingCiphertext>;
  /** The first entry of the vault's audit chain that is changed, missing or out of place. */
  readonly chainBrokenAt: number | undefined;
  /** Asked of S3 itself, only for a statement that the ciphertext is gone: what else is there. */
  readonly leftovers: PerCopy<number>;
  /** Keys that are not gone and that messages in each copy name beside the vault's own. */
  readonly otherKeys: PerCopy<readonly string[]>;
}

type FactServices = Pick<Services, 'ledger' | 'copies' | 'custody'>;

/**
 * @throws HoldfastError `LEDGER_UNAVAILABLE`, `COPY_UNAVAILABLE`, `COPY_DENIED`,
 * `KEYS_UNAVAILABLE`.
 */
export async function gatherFacts(
  services: FactServices,
  statement: CertificateStatement,
  vault: Vault,
  erasure: Erasure,
): Promise<CertificateFacts> {
  const { vaultId } = vault;
  const [policy, remaining, broken] = await Promise.all([
    policyOf(services.ledger, vault),
    remainingCiphertext(services, vaultId),
    followChain(services, vault, NO_ENTRIES),
  ]);
  const leftovers =
    statement === 'ciphertext-removed'
      ? await inBothCopies((copy) => countLeftovers(services, vaultId, copy))
      : { primary: 0, secondary: 0 };
  const otherKeys = await inBothCopies((copy) =>
    findOtherKeys(services, vault, copy, vaultPrefix(vaultId)),
  );
  return {
    ...{ statement, vault, erasure, policy },
    ...{ remaining, chainBrokenAt: broken?.at, leftovers, otherKeys },
  };
}

async function countLeftovers(
  { copies }: FactServices,
  vaultId: string,
  copy: 'primary' | 'secondary',
): Promise<number> {
  let count = 0;
  for await (const { key } of copies[copy].list(vaultPrefix(vaultId))) {
    count += key === tombstoneKey(vaultId) ? 0 : 1;
  }
  return count;
}
