import { dueWork, workOwner } from '../domain/due-work.ts';
import type { LedgerRecord, RecordKind, Vault } from '../domain/records.ts';
import type { ListedKind, ParentId, RecordId, Stored } from '../ports/ledger.ts';

/** Primary key of an item. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** A record as it lies in the table. */
export interface LedgerItem extends ItemKey {
  readonly version: number;
  readonly record: LedgerRecord;
  /** Keys of the index `byWork`, there while the record waits in a queue. */
  readonly workQueue?: string;
  readonly workDue?: string;
}

/** An item in a client's partition that names one of its vaults. */
export interface VaultPointer extends ItemKey {
  readonly vaultId: string;
}

/**
 * All clients share one partition, so that they can be listed consistently and in order. It bears
 * 1,000 writes a second (DynamoDB, partition throughput); clients are registered one by one.
 */
const CLIENTS = 'CLIENTS';

/** All versions of all policies: there are few, and they are read together. */
const POLICIES = 'POLICIES';

/** Numbers in sort keys; twelve digits keep them in order as text. */
const SEQUENCE_DIGITS = 12;

type KeyMakers = { readonly [Kind in RecordKind]: (...id: RecordId<Kind>) => ItemKey };

const KEYS: KeyMakers = {
  client: (clientId) => ({ pk: CLIENTS, sk: clientId }),
  'client-reference': (reference) => ({ pk: `REFERENCE#${reference}`, sk: 'REFERENCE' }),
  vault: (vaultId) => ({ pk: `VAULT#${vaultId}`, sk: 'VAULT' }),
  'vault-class': (clientId, recordClass) => inClient(clientId, `CLASS#${recordClass}`),
  'vault-key': (keyArn) => ({ pk: `KEY#${keyArn}`, sk: 'KEY' }),
  snapshot: (vaultId, snapshotId) => inVault(vaultId, `SNAPSHOT#${snapshotId}`),
  pack: (vaultId, packId) => inVault(vaultId, `PACK#${packId}`),
  'manifest-part': (vaultId, snapshotId, part) =>
    inVault(vaultId, `MANIFEST-PART#${snapshotId}#${padded(part)}`),
  run: (vaultId, runId) => inVault(vaultId, `RUN#${runId}`),
  shard: (vaultId, snapshotId, shard) => inVault(vaultId, `SHARD#${snapshotId}#${padded(shard)}`),
  restore: (vaultId, restoreId) => inVault(vaultId, `RESTORE#${restoreId}`),
  erasure: (vaultId, erasureId) => inVault(vaultId, `ERASURE#${erasureId}`),
  hold: (vaultId, holdId) => inVault(vaultId, `HOLD#${holdId}`),
  'client-hold': (clientId, holdId) => inClient(clientId, `CLIENT-HOLD#${holdId}`),
  handover: (vaultId) => inVault(vaultId, 'HANDOVER'),
  'legal-hold': (vaultId, key) => inVault(vaultId, `LEGAL-HOLD#${key}`),
  'moved-object': (vaultId, key) => inVault(vaultId, `MOVED-OBJECT#${key}`),
  'key-event': (chainId, eventId) => inChain(chainId, `EVENT#${eventId}`),
  verification: (vaultId, verificationId) => inVault(vaultId, `VERIFICATION#${verificationId}`),
  reading: (vaultId, key) => inVault(vaultId, `READING#${key}`),
  coverage: (vaultId) => inVault(vaultId, 'COVERAGE'),
  protection: (vaultId) => inVault(vaultId, 'PROTECTION'),
  upkeep: (vaultId) => inVault(vaultId, 'UPKEEP'),
  policy: (policyId, version) => ({ pk: POLICIES, sk: `${policyId}#${padded(version)}` }),
  certificate: (vaultId, certificateId) => inVault(vaultId, `CERTIFICATE#${certificateId}`),
  tombstone: (vaultId) => inVault(vaultId, 'TOMBSTONE'),
  installation: () => ({ pk: 'INSTALLATION', sk: 'INSTALLATION' }),
  audit: (chainId, sequence) => inChain(chainId, `AUDIT#${padded(sequence)}`),
};

/** @returns the key of the record with that id. */
export function keyOfId<Kind extends RecordKind>(kind: Kind, id: RecordId<Kind>): ItemKey {
  return KEYS[kind](...id);
}

/** @returns the key of a record. */
export function keyOfRecord(record: LedgerRecord): ItemKey {
  switch (record.kind) {
    case 'client':
      return KEYS.client(record.clientId);
    case 'client-reference':
      return KEYS['client-reference'](record.reference);
    case 'vault':
      return KEYS.vault(record.vaultId);
    case 'vault-class':
      return KEYS['vault-class'](record.clientId, record.recordClass);
    case 'vault-key':
      return KEYS['vault-key'](record.keyArn);
    case 'snapshot':
      return KEYS.snapshot(record.vaultId, record.snapshotId);
    case 'pack':
      return KEYS.pack(record.vaultId, record.packId);
    case 'manifest-part':
      return KEYS['manifest-part'](record.vaultId, record.snapshotId, record.part);
    case 'shard':
      return KEYS.shard(record.vaultId, record.snapshotId, record.shard);
    case 'run':
      return KEYS.run(record.vaultId, record.runId);
    case 'restore':
      return KEYS.restore(record.vaultId, record.restoreId);
    case 'erasure':
      return KEYS.erasure(record.vaultId, record.erasureId);
    case 'hold':
      return KEYS.hold(record.vaultId, record.holdId);
    case 'client-hold':
      return KEYS['client-hold'](record.clientId, record.holdId);
    case 'handover':
      return KEYS.handover(record.vaultId);
    case 'legal-hold':
      return KEYS['legal-hold'](record.vaultId, record.key);
    case 'moved-object':
      return KEYS['moved-object'](record.vaultId, record.key);
    case 'key-event':
      return KEYS['key-event'](record.chainId, record.eventId);
    case 'verification':
      return KEYS.verification(record.vaultId, record.verificationId);
    case 'reading':
      return KEYS.reading(record.vaultId, record.key);
    case 'coverage':
      return KEYS.coverage(record.vaultId);
    case 'protection':
      return KEYS.protection(record.vaultId);
    case 'certificate':
      return KEYS.certificate(record.vaultId, record.certificateId);
    case 'tombstone':
      return KEYS.tombstone(record.vaultId);
    case 'upkeep':
      return KEYS.upkeep(record.vaultId);
    case 'policy':
      return KEYS.policy(record.policyId, record.version);
    case 'audit':
      return KEYS.audit(record.chainId, record.sequence);
    case 'installation':
      return KEYS.installation();
  }
}

/** Where a list lies: a partition, and what its sort keys begin with or lie between. */
export interface ListRange extends ItemKey {
  /** The first and the last sort key; without it, all that begin with `sk`. */
  readonly between?: readonly [first: string, last: string];
}

/**
 * @returns where a list lies. A client's vaults are pointers (`pointerTo`), all others the records
 * themselves.
 */
export function listRange<Kind extends ListedKind>(kind: Kind, parent: ParentId<Kind>): ListRange {
  if (parent === null) {
    return { pk: kind === 'policy' ? POLICIES : CLIENTS, sk: '' };
  }
  const prefix = `${kind.toUpperCase()}#`;
  if ('clientId' in parent) {
    return inClient(parent.clientId, prefix);
  }
  if ('chainId' in parent) {
    return { ...inChain(parent.chainId, prefix), ...sequencesBetween(prefix, parent) };
  }
  const ofOne = 'snapshotId' in parent ? `${parent.snapshotId}#` : '';
  return inVault(parent.vaultId, prefix + ofOne);
}

/** Both ends in one condition: a sort key takes no more than one (DynamoDB API, Query). */
function sequencesBetween(
  prefix: string,
  { after, upTo }: ParentId<'audit'>,
): Pick<ListRange, 'between'> {
  if (after === undefined && upTo === undefined) {
    return {};
  }
  const last = upTo === undefined ? '9'.repeat(SEQUENCE_DIGITS) : padded(upTo);
  return { between: [prefix + padded((after ?? 0) + 1), prefix + last] };
}

/** A vault never changes its client: its pointer is written once, together with the vault. */
export function pointerTo(vault: Vault): VaultPointer {
  return { ...inClient(vault.clientId, `VAULT#${vault.vaultId}`), vaultId: vault.vaultId };
}

export function toItem(record: LedgerRecord, version: number): LedgerItem {
  const due = dueWork(record);
  const queue =
    due === null
      ? {}
      : { workQueue: due.work, workDue: `${instant(due.dueAt)}#${workOwner(record)}` };
  return { ...keyOfRecord(record), version, record, ...queue };
}

export function fromItem<Kind extends RecordKind>(item: LedgerItem): Stored<Kind> {
  return { record: item.record as Stored<Kind>['record'], version: item.version };
}

/** @returns a sort key of `byWork` above everything due at or before `at`, below all later. */
export function dueLimit(at: Date): string {
  return new Date(at.getTime() + 1).toISOString();
}

/** All in one form, so that they sort as text. */
function instant(iso: string): string {
  return new Date(iso).toISOString();
}

function padded(number: number): string {
  return String(number).padStart(SEQUENCE_DIGITS, '0');
}

function inClient(clientId: string, sk: string): ItemKey {
  return { pk: `CLIENT#${clientId}`, sk };
}

function inChain(chainId: string, sk: string): ItemKey {
  return { pk: `CHAIN#${chainId}`, sk };
}

function inVault(vaultId: string, sk: string): ItemKey {
  return { pk: `VAULT#${vaultId}`, sk };
}
