import type { KeyringNode } from '@aws-crypto/client-node';
import { COPY_NAMES, type CopyName, type PerCopy } from '../../shared/domain/copy-name.ts';
import { dueWork } from '../../shared/domain/due-work.ts';
import type { LedgerRecord } from '../../shared/domain/records.ts';
import type { Copy, CopyUpload } from '../../shared/ports/copy.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';
import type { Services } from '../../shared/ports/services.ts';
import { CheckedKeyring } from './checked-keyring.ts';

/** What AWS would put on the bill, both Regions together, by the names that an estimate uses. */
export interface Billed {
  writing: number;
  'extending locks': number;
  'reading and checking': number;
  'key requests': number;
  'ledger, writing': number;
  'ledger, reading': number;
  'reading the source': number;
}

/** Keys of a page of an S3 listing. */
const LIST_PAGE = 1_000;
const READ_UNIT_BYTES = 4_096;
const WRITE_UNIT_BYTES = 1_024;
/** Of an item of the ledger beside its record: two keys, a version, those of the index. */
const ITEM_BYTES = 150;
/** A transaction counts twice, and the ledger's replica is written like itself. */
const [IN_TRANSACTION, REPLICAS] = [2, 2];

/**
 * Services in memory whose calls are counted as the requests that the adapters of AWS make of them:
 * an extension of a lock asks S3 for the lock first, a listing comes in pages.
 */
export function billedServices(services: Services): { services: Services; billed: Billed } {
  const billed: Billed = {
    writing: 0,
    'extending locks': 0,
    'reading and checking': 0,
    'key requests': 0,
    'ledger, writing': 0,
    'ledger, reading': 0,
    'reading the source': 0,
  };
  const { copies, custody, ledger } = services;
  const keyring = (inner: KeyringNode, regions: number): KeyringNode =>
    new CheckedKeyring(inner, () => (billed['key requests'] += regions));
  return {
    billed,
    services: {
      ...services,
      copies: billedCopies(copies, billed),
      ledger: billedLedger(ledger, billed),
      custody: overridden(custody, {
        wrapping: (keys) => keyring(custody.wrapping(keys), COPY_NAMES.length),
        unwrapping: (keys, from) => keyring(custody.unwrapping(keys, from), 1),
      }),
      openSource: (vault) => {
        const source = services.openSource(vault);
        return {
          list: (range) =>
            paged(
              source.list(range),
              ({ length }) => length,
              (pages) => {
                billed['reading the source'] += pages;
              },
            ),
          read: (entry) => {
            billed['reading the source'] += 1;
            return source.read(entry);
          },
        };
      },
    },
  };
}

function billedCopies(copies: PerCopy<Copy>, billed: Billed): PerCopy<Copy> {
  const wrap = (name: CopyName): Copy => {
    const copy = copies[name];
    const listed = (pages: number) => {
      billed.writing += pages;
    };
    return overridden(copy, {
      put: (...write) => {
        billed.writing += 1;
        return copy.put(...write);
      },
      open: async (...write) => {
        billed.writing += 1;
        return billedUpload(await copy.open(...write), billed);
      },
      read: (...object) => {
        billed['reading and checking'] += 1;
        return copy.read(...object);
      },
      inspect: (...object) => {
        billed['reading and checking'] += 1;
        return copy.inspect(...object);
      },
      extendLock: (...lock) => {
        billed['reading and checking'] += 1;
        billed['extending locks'] += 1;
        return copy.extendLock(...lock);
      },
      list: (prefix) => paged(copy.list(prefix), () => 1, listed),
      // Not billed: the daily look at the folders of all vaults is one request for 1,000 of them.
    });
  };
  return { primary: wrap('primary'), secondary: wrap('secondary') };
}

function billedUpload(upload: CopyUpload, billed: Billed): CopyUpload {
  return overridden(upload, {
    writePart: (bytes) => {
      billed.writing += 1;
      return upload.writePart(bytes);
    },
    finish: (...end) => {
      billed.writing += 1;
      return upload.finish(...end);
    },
  });
}

function billedLedger(ledger: Ledger, billed: Billed): Ledger {
  const read = (bytes: number) => {
    billed['ledger, reading'] += Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES));
  };
  return overridden(ledger, {
    get: async (kind, ...id) => {
      const stored = await ledger.get(kind, ...id);
      read(stored === undefined ? 0 : sizeOf(stored.record));
      return stored;
    },
    list: async function* (kind, parent) {
      let bytes = 0;
      for await (const stored of ledger.list(kind, parent)) {
        bytes += sizeOf(stored.record);
        yield stored;
      }
      read(bytes);
    },
    write: async (changes) => {
      await ledger.write(changes);
      for (const { record } of changes) {
        const units = Math.ceil(sizeOf(record) / WRITE_UNIT_BYTES);
        const indexed = dueWork(record) === null ? 0 : units;
        billed['ledger, writing'] += REPLICAS * (IN_TRANSACTION * units + indexed);
      }
    },
  });
}

function sizeOf(record: LedgerRecord): number {
  return ITEM_BYTES + JSON.stringify(record).length;
}

/** Passes entries on, and counts as many pages as they fill; an empty listing is one. */
async function* paged<Entry>(
  entries: AsyncIterable<Entry>,
  lengthOf: (entry: Entry) => number,
  count: (pages: number) => void,
): AsyncGenerator<Entry> {
  let listed = 0;
  for await (const entry of entries) {
    listed += lengthOf(entry);
    yield entry;
  }
  count(Math.max(1, Math.ceil(listed / LIST_PAGE)));
}

/** A port with some methods of its own; the others are called on itself. */
function overridden<Port extends object>(port: Port, own: Partial<Port>): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(name in own ? own : target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
