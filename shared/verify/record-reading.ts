import { METRICS } from '../config/metric-names.ts';
import type { CopyName } from '../domain/copy-name.ts';
import type { CopyReading, ObjectReading } from '../domain/verification-records.ts';
import type { Change, Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import type { Finding } from './read-whole.ts';

/** Which copy of which object was read. */
export interface ReadObject {
  readonly vaultId: string;
  readonly key: string;
  readonly copy: CopyName;
  readonly versionId: string;
}

/**
 * Records what reading one copy of an object has shown: one write, with an audit entry when damage
 * is new or over. Damage is reported each time it is met, so that its alarm lasts as long as it.
 *
 * @param actor - such as `holdfast:verify-share`.
 * @param before - the record as it was read; `undefined` when there is none.
 * @returns the record as it is now.
 * @throws HoldfastError `LEDGER_CONFLICT` when someone else read the same object meanwhile.
 */
export async function recordReading(
  services: Pick<Services, 'ledger' | 'clock' | 'telemetry'>,
  actor: string,
  object: ReadObject,
  outcome: Finding,
  before: Stored<'reading'> | undefined,
): Promise<Stored<'reading'>> {
  const { vaultId, key, copy } = object;
  const now = services.clock.now().toISOString();
  const last = readingOf(before?.record, copy, object.versionId);
  const isWhole = outcome.found === 'whole';
  const reading: CopyReading = {
    versionId: object.versionId,
    verifiedAt: isWhole ? now : (last?.verifiedAt ?? null),
    problem: isWhole ? null : outcome.problem,
  };
  const copies = { ...(before?.record.copies ?? { primary: null, secondary: null }) };
  const record: ObjectReading = {
    kind: 'reading',
    vaultId,
    key,
    copies: { ...copies, [copy]: reading },
  };
  const change = { record, expect: before?.version ?? 'absent' } as const;
  if ((last?.problem ?? null) === null && isWhole) {
    await services.ledger.write([change]);
  } else {
    await recordDamage(services, actor, object, reading, last, change);
  }
  return { record, version: (before?.version ?? 0) + 1 };
}

/** @returns what is known of this very version; a copy that was repaired has another one. */
export function readingOf(
  record: ObjectReading | undefined,
  copy: CopyName,
  versionId: string,
): CopyReading | null {
  const reading = record?.copies[copy] ?? null;
  return reading?.versionId === versionId ? reading : null;
}

async function recordDamage(
  services: Pick<Services, 'ledger' | 'clock' | 'telemetry'>,
  actor: string,
  { vaultId, key, copy }: ReadObject,
  reading: CopyReading,
  last: CopyReading | null,
  change: Change,
): Promise<void> {
  const { problem } = reading;
  if (problem === last?.problem) {
    await services.ledger.write([change]);
  } else {
    const action = problem === null ? 'copy.readable-again' : 'copy.damaged';
    const details = { copy, object: key, problem };
    await changeVault(services, vaultId, async (vault) => ({
      ...{ vault, actor, action, details, also: [change], result: null },
    }));
  }
  if (problem !== null) {
    services.telemetry.event('copy.damaged', { vaultId, copy, object: key });
    services.telemetry.measure(METRICS.copyDamaged, 1);
  }
}
