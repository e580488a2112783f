import type { AddVaultBody } from '../admin-api/messages.ts';
import { NO_ENTRIES, withAuditEntry } from '../domain/audit-chain.ts';
import { COPY_NAMES } from '../domain/copy-name.ts';
import { HoldfastError } from '../domain/errors.ts';
import { requireFits } from '../domain/policy-locks.ts';
import type { Vault, VaultKey, VaultSource } from '../domain/records.ts';
import { inheritedHolds } from '../holds/spread-client-hold.ts';
import { requireUsable } from '../policies/find-policy.ts';
import type { Ledger, Stored } from '../ports/ledger.ts';
import type { Installation, Services } from '../ports/services.ts';
import { refuseErased } from '../tombstone/find-tombstone.ts';
import { requireClient } from './find-vault.ts';
import { writeDecision } from './write-decision.ts';

/**
 * Opens a vault for one record class of a client:
 * 1. checks client, policy and source;
 * 2. reserves the record class, so that two registrations at once make one vault;
 * 3. makes the two keys;
 * 4. writes the vault, the index of its keys, the holds of its client and the first audit entry in
 *    one transaction.
 *
 * A registration that broke off after step 2 is completed by the next one of the same class. Keys
 * made by the broken one stay unused; they open nothing. One whose vault was erased, which a ledger
 * restored to an earlier time may not know, is refused: its id has a tombstone.
 *
 * @throws HoldfastError `CLIENT_UNKNOWN`, `CLIENT_CLOSED`, `POLICY_UNKNOWN`, `POLICY_NOT_APPROVED`,
 * `LOCK_OVER_CAP`, `RESIDENCY_UNMET`, `SOURCE_IS_COPY`, `VAULT_EXISTS`, `KEYS_UNAVAILABLE`,
 * `VAULT_UNREADABLE`, `COPY_UNAVAILABLE`; `LEDGER_CONFLICT` after 5 tries.
 */
export async function registerVault(
  services: Pick<
    Services,
    'ledger' | 'clock' | 'ids' | 'custody' | 'copies' | 'installation' | 'request'
  >,
  actor: string,
  clientId: string,
  body: AddVaultBody,
): Promise<Vault> {
  await requireOpenClient(services.ledger, clientId);
  const policy = await requireUsable(services.ledger, body.policyId, body.policyVersion);
  requireFits(policy, services.installation);
  const vaultId = await reserveClass(services, clientId, body.recordClass);
  await refuseErased(services, vaultId);
  const source = sourceOf(services.installation, vaultId, body);
  const { keys, probes } = await services.custody.create(vaultId, body.tier ?? 'dedicated');
  const now = services.clock.now();
  const registered: Omit<Vault, 'holds'> = {
    kind: 'vault',
    vaultId,
    clientId,
    recordClass: body.recordClass,
    policyId: policy.id,
    policyVersion: policy.version,
    state: 'ACTIVE',
    source,
    keys,
    probes,
    createdAt: now.toISOString(),
    createdBy: actor,
    nextBackupAt: source.kind === 's3' ? now.toISOString() : null,
    lastSnapshotId: null,
    lastSnapshotAt: null,
    drill: null,
    activeRun: null,
    closing: null,
    erasureId: null,
    audit: NO_ENTRIES,
  };
  return writeVault(services, registered);
}

/**
 * Writes a new vault together with its client as it is: closing the client, and placing or
 * releasing a hold on it, change the client too. So of two at once one is first, and the other
 * decides anew.
 */
async function writeVault(
  services: Pick<Services, 'ledger' | 'request'>,
  registered: Omit<Vault, 'holds'>,
): Promise<Vault> {
  const { clientId, vaultId, keys, policyId, policyVersion } = registered;
  return writeDecision(services, async () => {
    const { record: client, version } = await requireOpenClient(services.ledger, clientId);
    if ((await services.ledger.get('vault', vaultId)) !== undefined) {
      throw new HoldfastError('VAULT_EXISTS', { clientId, vaultId });
    }
    const holds = await inheritedHolds(services.ledger, { clientId, vaultId });
    const born = { ...registered, holds: holds.length };
    const keyArns = { primaryKey: keys.primary, secondaryKey: keys.secondary };
    const { owner: vault, entry } = withAuditEntry(born, {
      at: new Date(born.createdAt),
      actor: born.createdBy,
      requestId: services.request?.id ?? null,
      action: 'vault.registered',
      details: { policyId, policyVersion, ...keyArns, holds: holds.length },
    });
    const vaultKeys = COPY_NAMES.map(
      (copy): VaultKey => ({ kind: 'vault-key', keyArn: keys[copy], vaultId, copy }),
    );
    const added = [vault, entry, ...vaultKeys, ...holds].map((record) => ({
      record,
      expect: 'absent' as const,
    }));
    return { changes: [{ record: client, expect: version }, ...added], result: vault };
  });
}

/** @throws HoldfastError `CLIENT_UNKNOWN`, `CLIENT_CLOSED`. */
async function requireOpenClient(ledger: Ledger, clientId: string): Promise<Stored<'client'>> {
  const stored = await requireClient(ledger, clientId);
  if (stored.record.closing !== null) {
    throw new HoldfastError('CLIENT_CLOSED', { clientId });
  }
  return stored;
}

/** @returns the id of the vault to make; a reservation without a vault is taken over. */
async function reserveClass(
  services: Pick<Services, 'ledger' | 'ids'>,
  clientId: string,
  recordClass: string,
): Promise<string> {
  const { ledger, ids } = services;
  const reserved = await ledger.get('vault-class', clientId, recordClass);
  if (reserved === undefined) {
    const vaultId = ids.next();
    await ledger.write([
      { record: { kind: 'vault-class', clientId, recordClass, vaultId }, expect: 'absent' },
    ]);
    return vaultId;
  }
  const { vaultId } = reserved.record;
  if ((await ledger.get('vault', vaultId)) !== undefined) {
    throw new HoldfastError('VAULT_EXISTS', { clientId, vaultId });
  }
  return vaultId;
}

function sourceOf(
  installation: Installation,
  vaultId: string,
  { source }: AddVaultBody,
): VaultSource {
  if (source.kind === 'folder') {
    return source;
  }
  const { kind, bucket, prefix, region } = source;
  if (Object.values(installation.buckets).includes(bucket)) {
    throw new HoldfastError('SOURCE_IS_COPY', { vaultId });
  }
  return { kind, bucket, prefix, region: region ?? installation.regions.primary };
}
