import { HoldfastError } from '../domain/errors.ts';
import { BUILT_IN_POLICIES, findBuiltIn, type Policy, readPolicy } from '../domain/policy.ts';
import type { PolicyPin, PolicyVersion } from '../domain/policy-records.ts';
import type { Ledger } from '../ports/ledger.ts';

/** A version of a policy, and how it came to be. */
export interface KnownPolicy {
  readonly policy: Policy;
  /** `null` for a built-in. */
  readonly record: PolicyVersion | null;
}

/**
 * @param pin - a vault, a snapshot or whatever else names a version of a policy.
 * @throws HoldfastError `POLICY_UNKNOWN`.
 */
export async function policyOf(ledger: Ledger, pin: PolicyPin): Promise<Policy> {
  const known = await findPolicy(ledger, pin);
  if (known === undefined) {
    throw new HoldfastError('POLICY_UNKNOWN', {});
  }
  return known.policy;
}

/** @returns that version, `undefined` when there is none. */
export async function findPolicy(
  ledger: Ledger,
  { policyId, policyVersion }: PolicyPin,
): Promise<KnownPolicy | undefined> {
  const builtIn = findBuiltIn(policyId);
  if (builtIn?.version === policyVersion) {
    return { policy: builtIn, record: null };
  }
  const stored = await ledger.get('policy', policyId, policyVersion);
  return stored && known(stored.record);
}

/** @returns `findPolicy` that asks once for each version: for a pass over many vaults. */
export function policyFinder(ledger: Ledger): (pin: PolicyPin) => Promise<KnownPolicy | undefined> {
  const asked = new Map<string, Promise<KnownPolicy | undefined>>();
  return async (pin) => {
    const version = `${pin.policyId} ${pin.policyVersion}`;
    const found = asked.get(version) ?? findPolicy(ledger, pin);
    asked.set(version, found);
    return found;
  };
}

/** @returns every version of every policy, those of one policy in ascending order. */
export async function listPolicies(ledger: Ledger): Promise<KnownPolicy[]> {
  const all: KnownPolicy[] = BUILT_IN_POLICIES.map((policy) => ({ policy, record: null }));
  for await (const { record } of ledger.list('policy', null)) {
    all.push(known(record));
  }
  return all;
}

/**
 * @param version - default: the newest that needs no approval or has it.
 * @returns a version that a vault may be given.
 * @throws HoldfastError `POLICY_UNKNOWN`; `POLICY_NOT_APPROVED` when a second person has still to
 * approve it.
 */
export async function requireUsable(
  ledger: Ledger,
  policyId: string,
  version?: number,
): Promise<Policy> {
  const versions = (await listPolicies(ledger)).filter(({ policy }) => policy.id === policyId);
  const wanted = versions.filter(({ policy }) => policy.version === (version ?? policy.version));
  const newest = wanted.findLast(isUsable) ?? wanted.at(-1);
  if (newest === undefined) {
    throw new HoldfastError('POLICY_UNKNOWN', {});
  }
  if (!isUsable(newest)) {
    throw new HoldfastError('POLICY_NOT_APPROVED', { policyId, version: newest.policy.version });
  }
  return newest.policy;
}

function isUsable({ record }: KnownPolicy): boolean {
  return record?.approval !== 'awaited';
}

function known(record: PolicyVersion): KnownPolicy {
  return { policy: readPolicy(record.document), record };
}
