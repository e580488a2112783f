import { isDeepStrictEqual } from 'node:util';
import { dueWork, workOwner } from '../../shared/domain/due-work.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import { MAX_LEDGER_WRITES } from '../../shared/domain/limits.ts';
import { recordName } from '../../shared/domain/record-name.ts';
import type { LedgerRecord, RecordKind } from '../../shared/domain/records.ts';
import { compareUtf8 } from '../../shared/domain/utf8-order.ts';
import type {
  Change,
  Ledger,
  ListedKind,
  ParentId,
  RecordId,
  Stored,
  Work,
} from '../../shared/ports/ledger.ts';

interface Entry {
  readonly record: LedgerRecord;
  readonly version: number;
}

/** The ledger as maps. Records are copied in, and frozen: nobody can change one in the store. */
export class MemoryLedger implements Ledger {
  readonly #identity = nextTable();
  readonly #entries = new Map<string, Entry>();
  /** Keys of entries by kind and what they are listed by. */
  readonly #children = new Map<string, Set<string>>();
  /** The same in the order of the keys, as long as none comes or goes. */
  readonly #sorted = new Map<string, readonly string[]>();
  readonly #queued = new Map<string, { work: Work; dueAt: string; owner: string }>();

  async identity(): Promise<string> {
    return this.#identity;
  }

  async get<Kind extends RecordKind>(
    kind: Kind,
    ...id: RecordId<Kind>
  ): Promise<Stored<Kind> | undefined> {
    return this.#entries.get(keyOf(kind, id)) as Stored<Kind> | undefined;
  }

  async *list<Kind extends ListedKind>(
    kind: Kind,
    parent: ParentId<Kind>,
  ): AsyncIterable<Stored<Kind>> {
    const { after, upTo, ...owner } = { ...parent } as ParentId<'audit'>;
    const ids: Record<string, string> = parent === null ? { all: '' } : owner;
    const parts = Object.values(ids);
    const first = after === undefined ? '' : keyOf(kind, [...parts, after + 1]);
    const last = upTo === undefined ? undefined : keyOf(kind, [...parts, upTo]);
    for (const key of this.#sortedKeys(keyOf(kind, parts))) {
      if (key < first || (last !== undefined && key > last)) {
        continue;
      }
      yield this.#entries.get(key) as Stored<Kind>;
    }
  }

  async *due(work: Work, at: Date): AsyncIterable<string> {
    const limit = at.toISOString();
    const due = [...this.#queued.values()]
      .filter((queued) => queued.work === work && queued.dueAt <= limit)
      .sort((a, b) => compareUtf8(a.dueAt + a.owner, b.dueAt + b.owner));
    for (const { owner } of due) {
      yield owner;
    }
  }

  async write(changes: readonly Change[]): Promise<void> {
    requireWritable(changes);
    const refused = changes.find(({ record, expect }) => {
      const present = this.#entries.get(keyOf(record.kind, idOf(record)))?.version ?? 'absent';
      return present !== expect;
    });
    if (refused !== undefined) {
      if (changes.every((change) => this.#landed(change))) {
        return;
      }
      throw new HoldfastError('LEDGER_CONFLICT', { record: recordName(refused.record) });
    }
    for (const { record, expect, removes = false } of changes) {
      if (removes) {
        this.#remove(record);
      } else {
        this.#put(frozen(structuredClone(record)), expect === 'absent' ? 1 : expect + 1);
      }
    }
  }

  /** Everything in the ledger, for assertions such as "no name in any id". */
  records(): LedgerRecord[] {
    return [...this.#entries.values()].map(({ record }) => record);
  }

  /** What a restore to this moment would bring back: another table. */
  copy(): MemoryLedger {
    const copy = new MemoryLedger();
    for (const { record, version } of this.#entries.values()) {
      copy.#put(record, version);
    }
    return copy;
  }

  /** What no ledger should do: lose a record. */
  lose<Kind extends RecordKind>(kind: Kind, ...id: RecordId<Kind>): void {
    const entry = this.#entries.get(keyOf(kind, id));
    if (entry !== undefined) {
      this.#remove(entry.record);
    }
  }

  #sortedKeys(list: string): readonly string[] {
    const known = this.#sorted.get(list);
    if (known !== undefined) {
      return known;
    }
    const sorted = [...(this.#children.get(list) ?? [])].sort(compareUtf8);
    this.#sorted.set(list, sorted);
    return sorted;
  }

  #landed({ record, expect, removes = false }: Change): boolean {
    const entry = this.#entries.get(keyOf(record.kind, idOf(record)));
    if (removes) {
      return entry === undefined;
    }
    const version = expect === 'absent' ? 1 : expect + 1;
    return entry?.version === version && isDeepStrictEqual(entry.record, record);
  }

  #remove(record: LedgerRecord): void {
    const key = keyOf(record.kind, idOf(record));
    this.#entries.delete(key);
    for (const list of listsOf(record)) {
      this.#children.get(list)?.delete(key);
      this.#sorted.delete(list);
    }
    this.#queued.delete(key);
  }

  #put(record: LedgerRecord, version: number): void {
    const key = keyOf(record.kind, idOf(record));
    const isNew = !this.#entries.has(key);
    this.#entries.set(key, Object.freeze({ record, version }));
    if (isNew) {
      for (const list of listsOf(record)) {
        this.#children.set(list, (this.#children.get(list) ?? new Set()).add(key));
        this.#sorted.delete(list);
      }
    }
    const due = dueWork(record);
    if (due !== null) {
      this.#queued.set(key, { ...due, owner: workOwner(record) });
    } else {
      this.#queued.delete(key);
    }
  }
}

let tables = 0;

function nextTable(): string {
  tables += 1;
  return `table-${tables}`;
}

/** Freezes a record and all that is in it. */
function frozen<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) {
      frozen(inner);
    }
  }
  return Object.freeze(value);
}

function requireWritable(changes: readonly Change[]): void {
  const pointers = changes.filter((c) => c.record.kind === 'vault' && c.expect === 'absent');
  const keys = new Set(changes.map(({ record }) => keyOf(record.kind, idOf(record))));
  const writes = changes.length + pointers.length;
  if (writes === 0 || writes > MAX_LEDGER_WRITES || keys.size < changes.length) {
    throw new RangeError('A ledger write has 1 to 100 changes, each of another record.');
  }
}

function keyOf(kind: RecordKind, id: readonly unknown[]): string {
  // Padded, so that sequence numbers sort as text.
  const parts = id.map((part) =>
    typeof part === 'number' ? String(part).padStart(12, '0') : part,
  );
  return JSON.stringify([kind, ...parts]);
}

/** The lists that a record is in: its parent's, and that of the snapshot it belongs to. */
function listsOf(record: LedgerRecord): string[] {
  const { kind } = record;
  const parents = [[parentOf(record)]];
  if (kind === 'manifest-part' || kind === 'shard') {
    parents.push([record.vaultId, record.snapshotId]);
  }
  return parents.map((ids) => keyOf(kind, ids));
}

function parentOf(record: LedgerRecord): string {
  switch (record.kind) {
    case 'client':
    case 'client-reference':
    case 'policy':
    case 'installation':
      return '';
    case 'vault':
    case 'vault-class':
    case 'client-hold':
      return record.clientId;
    case 'audit':
    case 'key-event':
      return record.chainId;
    default:
      return record.vaultId;
  }
}

function idOf(record: LedgerRecord): readonly (string | number)[] {
  switch (record.kind) {
    case 'client':
      return [record.clientId];
    case 'client-reference':
      return [record.reference];
    case 'vault':
      return [record.vaultId];
    case 'vault-class':
      return [record.clientId, record.recordClass];
    case 'vault-key':
      return [record.keyArn];
    case 'snapshot':
      return [record.vaultId, record.snapshotId];
    case 'pack':
      return [record.vaultId, record.packId];
    case 'manifest-part':
      return [record.vaultId, record.snapshotId, record.part];
    case 'shard':
      return [record.vaultId, record.snapshotId, record.shard];
    case 'run':
      return [record.vaultId, record.runId];
    case 'restore':
      return [record.vaultId, record.restoreId];
    case 'erasure':
      return [record.vaultId, record.erasureId];
    case 'hold':
      return [record.vaultId, record.holdId];
    case 'client-hold':
      return [record.clientId, record.holdId];
    case 'legal-hold':
      return [record.vaultId, record.key];
    case 'moved-object':
      return [record.vaultId, record.key];
    case 'key-event':
      return [record.chainId, record.eventId];
    case 'verification':
      return [record.vaultId, record.verificationId];
    case 'reading':
      return [record.vaultId, record.key];
    case 'coverage':
    case 'handover':
    case 'protection':
    case 'upkeep':
      return [record.vaultId];
    case 'certificate':
      return [record.vaultId, record.certificateId];
    case 'tombstone':
      return [record.vaultId];
    case 'policy':
      return [record.policyId, record.version];
    case 'installation':
      return [];
    case 'audit':
      return [record.chainId, record.sequence];
  }
}
