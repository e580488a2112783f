import { Readable } from 'node:stream';
import { COPY_NAMES, type CopyName } from '../shared/domain/copy-name.ts';
import type { LedgerRecord, RecordKind, StoredObject } from '../shared/domain/records.ts';
import { newUpkeep } from '../shared/domain/retention-records.ts';
import type { Copy, CopyListing } from '../shared/ports/copy.ts';
import type { Change, Ledger, Stored } from '../shared/ports/ledger.ts';
import type { Services } from '../shared/ports/services.ts';
import { type ImaginedVault, VERSION } from './imagined-vault.ts';

/** What was asked of the ports, by the name of the call; for listings also the entries. */
export type Calls = Record<string, number>;

/** Ledger, copies and clock of one imagined vault. Of what is written only changes are kept. */
export class ImaginedServices implements Pick<Services, 'clock' | 'copies' | 'ledger'> {
  readonly calls: Calls = {};
  readonly clock: Services['clock'];
  readonly copies: Services['copies'];
  readonly ledger: Ledger;
  readonly #vault: ImaginedVault;
  readonly #written = new Map<string, LedgerRecord | null>();
  readonly #removed = new Set<string>();

  constructor(vault: ImaginedVault) {
    this.#vault = vault;
    this.clock = { now: () => vault.now };
    this.copies = { primary: this.#copy('primary'), secondary: this.#copy('secondary') };
    const list = (kind: RecordKind, parent: { snapshotId?: string } | null) =>
      this.#list(kind, parent?.snapshotId);
    this.ledger = {
      get: async (kind: RecordKind, ...id: readonly unknown[]) => this.#get(kind, id),
      list,
      due: async function* () {},
      write: async (changes: readonly Change[]) => this.#write(changes),
    } as unknown as Ledger;
  }

  #count(call: string, by = 1): void {
    this.calls[call] = (this.calls[call] ?? 0) + by;
  }

  #get(kind: RecordKind, id: readonly unknown[]): Stored<RecordKind> | undefined {
    this.#count('ledger get');
    const name = nameOf(kind, id);
    const written = this.#written.get(name);
    if (written !== undefined) {
      return written === null ? undefined : { record: written, version: 1 };
    }
    const record = this.#imagine(kind, id);
    return record && { record, version: 1 };
  }

  #imagine(kind: RecordKind, [, id]: readonly unknown[]): LedgerRecord | undefined {
    const { shape, vault, vaultId } = this.#vault;
    if (kind === 'vault') {
      return vault;
    }
    if (kind === 'upkeep') {
      const settled = shape.snapshots - shape.unsettled - 1;
      return { ...newUpkeep(vaultId), settledThrough: this.#vault.snapshotId(settled) };
    }
    return kind === 'snapshot' ? this.#vault.snapshot(Number(String(id).slice(10))) : undefined;
  }

  async *#list(kind: RecordKind, snapshotId?: string): AsyncGenerator<Stored<RecordKind>> {
    this.#count(`ledger list ${kind}`);
    for (const record of this.#records(kind, snapshotId)) {
      const written = this.#written.get(keyOf(record));
      if (written !== null) {
        this.#count(`ledger list ${kind}, records`);
        yield { record: written ?? record, version: 1 };
      }
    }
  }

  *#records(kind: RecordKind, snapshotId = ''): Generator<LedgerRecord> {
    const { packs, snapshots } = this.#vault.shape;
    if (kind === 'manifest-part') {
      yield this.#vault.manifestPart(Number(snapshotId.slice(10)));
    }
    for (let number = 0; kind === 'pack' && number < packs; number += 1) {
      yield this.#vault.pack(number);
    }
    for (let number = 0; kind === 'snapshot' && number < snapshots; number += 1) {
      yield this.#vault.snapshot(number);
    }
  }

  #write(changes: readonly Change[]): void {
    this.#count('ledger write');
    for (const { record, removes = false } of changes) {
      this.#written.set(keyOf(record), removes ? null : record);
    }
  }

  #copy(name: CopyName): Copy {
    const vault = this.#vault;
    const at = (key: string): string => `${name} ${key}`;
    const copy: Partial<Copy> = {
      name,
      read: async (key) => {
        this.#count('copy read');
        return Readable.from([vault.sealBytes(vault.numberIn(key))]);
      },
      inspect: async () => {
        this.#count('copy inspect');
        return { size: 1, lockedUntil: null, legalHold: false, sha256: null };
      },
      extendLock: async () => this.#count('copy extendLock'),
      remove: async (key) => {
        this.#count('copy remove');
        this.#removed.add(at(key));
      },
      list: () => this.#listCopy(at),
    };
    return copy as Copy;
  }

  async *#listCopy(at: (key: string) => string): AsyncGenerator<CopyListing> {
    this.#count('copy list');
    for (const { key, size } of this.#objects()) {
      if (!this.#removed.has(at(key))) {
        this.#count('copy list, versions');
        yield { key, versionId: VERSION, size, isDeleteMarker: false };
      }
    }
  }

  *#objects(): Generator<StoredObject> {
    const { packs, snapshots } = this.#vault.shape;
    for (let number = 0; number < packs; number += 1) {
      yield this.#vault.pack(number);
    }
    for (let number = 0; number < snapshots; number += 1) {
      yield this.#vault.manifestPart(number);
      yield this.#vault.snapshot(number).seal;
    }
  }
}

/** How many copies there are: calls of a copy count in each. */
export const COPY_COUNT = COPY_NAMES.length;

function nameOf(kind: RecordKind, id: readonly unknown[]): string {
  return [kind, ...id].join(' ');
}

function keyOf(record: LedgerRecord): string {
  const { kind } = record;
  switch (kind) {
    case 'pack':
      return nameOf(kind, [record.vaultId, record.packId]);
    case 'snapshot':
      return nameOf(kind, [record.vaultId, record.snapshotId]);
    case 'manifest-part':
      return nameOf(kind, [record.vaultId, record.snapshotId, record.part]);
    case 'audit':
      return nameOf(kind, [record.chainId, record.sequence]);
    default:
      return nameOf(kind, ['vaultId' in record ? record.vaultId : '']);
  }
}
