import type { AddVaultBody } from '../admin-api/messages.ts';
import { NO_ENTRIES, withAuditEntry } from '../domain/audit-chain.ts';
import { COPY_NAMES } from '../domain/copy-name.ts';
import { HoldfastError, isFault } from '../domain/errors.ts';
import { requireFits } from '../domain/policy-locks.ts';
import type { Vault, VaultKey, VaultSource } from '../domain/records.ts';
import { inheritedHolds } from '../holds/spread-client-hold.ts';
import { requireUsable } from '../policies/find-policy.ts';
import type { Installation, Services } from '../ports/services.ts';
import { refuseErased } from '../tombstone/find-tombstone.ts';
import { requireClient } from './find-vault.ts';

/**
 * Opens a vault for one record class of a client:
 * 1. checks client, policy and source;
 * 2. reserves the record class, so that two registrations at once make one vault;
 * 3. makes the two keys;
 * 4. writes the vault, the index of its keys and the first audit entry in one transaction.
 *
 * A registration that broke off after step 2 is completed by the next one of the same class. Keys
 * made by the broken one stay unused; they open nothing. One whose vault was erased, which a ledger
 * restored to an earlier time may not know, is refused: its id has a tombstone.
 *
 * @throws HoldfastError `CLIENT_UNKNOWN`, `CLIENT_CLOSED`, `POLICY_UNKNOWN`, `POLICY_NOT_APPROVED`,
 * `LOCK_OVER_CAP`, `RESIDENCY_UNMET`, `SOURCE_IS_COPY`, `VAULT_EXISTS`, `KEYS_UNAVAILABLE`,
 * `VAULT_UNREADABLE`, `COPY_UNAVAILABLE`.
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
  const { record: client } = await requireClient(services.ledger, clientId);
  if (client.closing !== null) {
    throw new HoldfastError('CLIENT_CLOSED', { clientId });
  }
  const policy = await requireUsable(services.ledger, body.policyId, body.policyVersion);
  requireFits(policy, services.installation);
  const vaultId = await reserveClass(services, clientId, body.recordClass);
  await refuseErased(services, vaultId);
  const source = sourceOf(services.installation, vaultId, body);
  const { keys, probes } = await services.custody.create(vaultId, body.tier ?? 'dedicated');
  const holds = await inheritedHolds(services.ledger, { clientId, vaultId });
  const now = services.clock.now();
  const registered: Vault = {
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
    holds: holds.length,
    closing: null,
    erasureId: null,
    audit: NO_ENTRIES,
  };
  const { owner: vault, entry } = withAuditEntry(registered, {
    at: now,
    actor,
    requestId: services.request?.id ?? null,
    action: 'vault.registered',
    details: {
      policyId: policy.id,
      policyVersion: policy.version,
      primaryKey: keys.primary,
      secondaryKey: keys.secondary,
      holds: holds.length,
    },
  });
  const vaultKeys = COPY_NAMES.map(
    (copy): VaultKey => ({ kind: 'vault-key', keyArn: keys[copy], vaultId, copy }),
  );
  try {
    await services.ledger.write(
      [vault, entry, ...vaultKeys, ...holds].map((record) => ({
        record,
        expect: 'absent' as const,
      })),
    );
  } catch (error) {
    throw isFault(error, 'LEDGER_CONFLICT')
      ? new HoldfastError('VAULT_EXISTS', { clientId, vaultId }, error)
      : error;
  }
  return vault;
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
