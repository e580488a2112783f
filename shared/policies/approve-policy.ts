import { HoldfastError } from '../domain/errors.ts';
import type { PolicyVersion } from '../domain/policy-records.ts';
import type { Services } from '../ports/services.ts';
import { installationChanges } from '../registry/chain-changes.ts';
import { writeDecision } from '../registry/write-decision.ts';

/**
 * Approves, as a second person, a version of a policy whose locks reach further than a year.
 *
 * @param actor - ARN of the caller.
 * @throws HoldfastError `POLICY_UNKNOWN`; `OWN_POLICY` when the caller added it;
 * `TRANSITION_FORBIDDEN` when it waits for nobody.
 */
export async function approvePolicy(
  services: Pick<Services, 'ledger' | 'clock' | 'request'>,
  actor: string,
  policyId: string,
  { version }: { version: number },
): Promise<PolicyVersion> {
  return writeDecision(services, async () => {
    const stored = await services.ledger.get('policy', policyId, version);
    if (stored === undefined) {
      throw new HoldfastError('POLICY_UNKNOWN', {});
    }
    const { approval: from, createdBy } = stored.record;
    if (from !== 'awaited') {
      const what = `Policy ${policyId}, version ${version}: its approval`;
      throw new HoldfastError('TRANSITION_FORBIDDEN', { what, from, to: 'given' });
    }
    if (createdBy === actor) {
      throw new HoldfastError('OWN_POLICY', { policyId, version });
    }
    const approvedAt = services.clock.now().toISOString();
    const record: PolicyVersion = {
      ...stored.record,
      approval: 'given',
      approvedAt,
      approvedBy: actor,
    };
    const details = { policyId, policyVersion: version, addedBy: createdBy };
    const entry = { actor, action: 'policy.approved', details };
    const changes = await installationChanges(services, entry);
    return { changes: [{ record, expect: stored.version }, ...changes], result: record };
  });
}
