import { type Answers, type KeptSnapshotAnswer, presentSnapshot } from '../admin-api/answers.ts';
import { isFault } from '../domain/errors.ts';
import type { Snapshot } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import {
  NOT_ANSWERED,
  type SnapshotProtection,
  snapshotProtection,
} from '../protection/snapshot-protection.ts';
import { requireSnapshot } from '../registry/find-snapshot.ts';
import { requireVault } from '../registry/find-vault.ts';
import { keptTeller } from './why-kept.ts';

/**
 * @returns the snapshots of a vault, newest first, as the ledger knows them, and what keeps each.
 * @throws HoldfastError `VAULT_UNKNOWN`.
 */
export async function listSnapshots(
  services: Pick<Services, 'ledger' | 'clock'>,
  vaultId: string,
): Promise<{ snapshots: KeptSnapshotAnswer[] }> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const whyKept = await keptTeller(services, vault);
  const snapshots: KeptSnapshotAnswer[] = [];
  for await (const { record } of services.ledger.list('snapshot', { vaultId })) {
    snapshots.push({ ...presentSnapshot(record), kept: whyKept(record) });
  }
  return { snapshots: snapshots.reverse() };
}

/**
 * @param hasTime - asked before each few objects: a snapshot of very many cannot be asked for whole
 * while somebody waits.
 * @returns one snapshot and what S3 itself says of its objects in both copies; of those there was
 * no time for, what it has said when the hourly check asked.
 * @throws HoldfastError `VAULT_UNKNOWN`, `SNAPSHOT_UNKNOWN`; `OBJECT_MISSING` or `OBJECT_DAMAGED`
 * when its list of objects can be read from neither copy.
 */
export async function showSnapshot(
  services: Pick<Services, 'clock' | 'copies' | 'ledger'>,
  { vaultId, snapshotId }: { vaultId: string; snapshotId: string },
  hasTime: () => boolean,
): Promise<Answers['showSnapshot']> {
  const { ledger } = services;
  const { record: vault } = await requireVault(ledger, vaultId);
  const whyKept = await keptTeller(services, vault);
  const snapshot = await requireSnapshot(ledger, vaultId, snapshotId);
  const protection = await protectionOf(services, snapshot, hasTime);
  const newest = (await ledger.get('protection', vaultId))?.record.newest;
  const checked =
    newest?.snapshotId === snapshotId ? { state: newest.state, askedAt: newest.askedAt } : null;
  const kept = whyKept(snapshot);
  return { ...presentSnapshot(snapshot), kept, protection: { ...protection, checked } };
}

async function protectionOf(
  services: Pick<Services, 'clock' | 'copies' | 'ledger'>,
  snapshot: Snapshot,
  hasTime: () => boolean,
): Promise<SnapshotProtection> {
  try {
    return await snapshotProtection(services, snapshot, hasTime);
  } catch (error) {
    if (!isFault(error, 'COPY_UNAVAILABLE', 'COPY_DENIED')) {
      throw error;
    }
    // Neither copy told even which objects there are.
    const copies = { primary: NOT_ANSWERED, secondary: NOT_ANSWERED };
    return { objects: 0, copies, state: 'unknown' };
  }
}
