import { HoldfastError } from '../domain/errors.ts';
import { readPolicy } from '../domain/policy.ts';
import type { PolicyDocument } from '../domain/policy-document.ts';
import { needsSecondPerson, requireFits } from '../domain/policy-locks.ts';
import type { PolicyVersion } from '../domain/policy-records.ts';
import type { Services } from '../ports/services.ts';
import { installationChanges } from '../registry/chain-changes.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { listPolicies } from './find-policy.ts';

/**
 * Adds a version of a policy. No vault changes by it: each stays at its own version until it is
 * assigned another. A version whose locks reach further than a year waits for a second person.
 *
 * @param actor - ARN of the caller.
 * @throws HoldfastError `POLICY_VERSION_TAKEN` unless its number is the last one plus 1,
 * `LOCK_OVER_CAP`, `RESIDENCY_UNMET`.
 */
export async function addPolicy(
  services: Pick<Services, 'ledger' | 'clock' | 'installation' | 'request'>,
  actor: string,
  document: PolicyDocument,
): Promise<PolicyVersion> {
  const policy = readPolicy(document);
  requireFits(policy, services.installation);
  return writeDecision(services, async () => {
    const { id: policyId, version } = document;
    const versions = (await listPolicies(services.ledger))
      .filter((known) => known.policy.id === policyId)
      .map((known) => known.policy.version);
    const expected = Math.max(0, ...versions) + 1;
    if (version !== expected) {
      throw new HoldfastError('POLICY_VERSION_TAKEN', { policyId, version, expected });
    }
    const record: PolicyVersion = {
      kind: 'policy',
      policyId,
      version,
      document,
      createdAt: services.clock.now().toISOString(),
      createdBy: actor,
      approval: needsSecondPerson(policy) ? 'awaited' : 'not-needed',
      approvedAt: null,
      approvedBy: null,
    };
    const details = { policyId, policyVersion: version, approval: record.approval };
    const entry = { actor, action: 'policy.added', details };
    const changes = await installationChanges(services, entry);
    return { changes: [{ record, expect: 'absent' }, ...changes], result: record };
  });
}
