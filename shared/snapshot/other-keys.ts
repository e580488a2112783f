import { COPY_NAMES, type CopyName, inBothCopies, type PerCopy } from '../domain/copy-name.ts';
import { HoldfastError, isFault } from '../domain/errors.ts';
import type { StoredObject, Vault } from '../domain/records.ts';
import { snapshotsPrefix } from '../format/object-keys.ts';
import type { CopyListing } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';
import { keysOfMessage } from './keys-of-message.ts';
import { snapshotObjects } from './written-parts.ts';

type LookingServices = Pick<Services, 'copies' | 'custody' | 'ledger'>;

/** Headers read at once. */
const AT_ONCE = 16;

/**
 * Looks for keys beside the vault's own that open something of it: a ledger that was put back, or
 * rebuilt, may not know of them, and every message names its keys in its plain header. Headers are
 * read of those versions that the ledger does not list; of what it lists it knows the keys.
 *
 * @param prefix - where to look in the copy.
 * @returns the names of such keys that are not gone.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `KEYS_UNAVAILABLE`,
 * `LEDGER_UNAVAILABLE`.
 */
export async function findOtherKeys(
  services: LookingServices,
  vault: Pick<Vault, 'vaultId' | 'keys'>,
  copy: CopyName,
  prefix: string,
): Promise<string[]> {
  const { listed, keys } = await readListed(services, vault.vaultId, copy);
  const others = new OtherKeys(services, vault);
  for (const known of keys) {
    await others.add(Object.values(known), known);
  }
  let batch: CopyListing[] = [];
  const readBatch = async (): Promise<void> => {
    const read = ({ key, versionId }: CopyListing) =>
      keysOfMessage(services.copies[copy], key, versionId);
    for (const names of await Promise.all(batch.map(read))) {
      await others.add(names, services.custody.keysNamed(vault.vaultId, names));
    }
    batch = [];
  };
  for await (const version of services.copies[copy].list(prefix)) {
    if (version.isDeleteMarker || listed.has(version.versionId)) {
      continue;
    }
    batch.push(version);
    if (batch.length === AT_ONCE) {
      await readBatch();
    }
  }
  await readBatch();
  return others.names();
}

/**
 * Refuses what trusts the ledger about the keys of a vault while its manifests say otherwise. A
 * copy that does not answer is passed over: before anything is certified both are asked.
 *
 * @throws HoldfastError `COPIES_AHEAD`; `KEYS_UNAVAILABLE`, `LEDGER_UNAVAILABLE`.
 */
export async function requireNoOtherKeys(
  services: LookingServices,
  vault: Pick<Vault, 'vaultId' | 'keys'>,
): Promise<void> {
  const { vaultId } = vault;
  const found = await inBothCopies((copy) => inManifests(services, vault, copy));
  const names = new Set(COPY_NAMES.flatMap((copy) => found[copy]));
  if (names.size > 0) {
    throw new HoldfastError('COPIES_AHEAD', { vaultId, keys: [...names].join(', ') });
  }
}

async function inManifests(
  services: LookingServices,
  vault: Pick<Vault, 'vaultId' | 'keys'>,
  copy: CopyName,
): Promise<string[]> {
  try {
    return await findOtherKeys(services, vault, copy, snapshotsPrefix(vault.vaultId));
  } catch (error) {
    if (!isFault(error, 'COPY_UNAVAILABLE', 'COPY_DENIED')) {
      throw error;
    }
    return [];
  }
}

/** Versions that the ledger lists in one copy, and what keys it says they are read with. */
async function readListed(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
  copy: CopyName,
): Promise<{ listed: ReadonlySet<string>; keys: PerCopy<string>[] }> {
  const listed = new Set<string>();
  const keys: PerCopy<string>[] = [];
  const add = ({ versions }: Pick<StoredObject, 'versions'>): void => {
    const versionId = versions[copy];
    if (versionId !== null) {
      listed.add(versionId);
    }
  };
  for await (const { record } of ledger.list('pack', { vaultId })) {
    add(record);
  }
  for await (const { record } of ledger.list('snapshot', { vaultId })) {
    keys.push(...(record.keys === undefined ? [] : [record.keys]));
    for (const object of await snapshotObjects({ ledger }, record)) {
      add(object);
    }
  }
  for await (const { record } of ledger.list('moved-object', { vaultId })) {
    add(record.before);
    add(record.after);
  }
  return { listed, keys };
}

/** Keys that are neither the vault's own nor gone; each is asked for once. */
class OtherKeys {
  readonly #custody: Services['custody'];
  readonly #own: string;
  readonly #gone = new Map<string, boolean>();
  readonly #found = new Set<string>();

  constructor({ custody }: Pick<Services, 'custody'>, { keys }: Pick<Vault, 'keys'>) {
    this.#custody = custody;
    this.#own = nameOf(keys);
  }

  /** @param keys - whose the names are; `undefined` when they are of no keys of a vault. */
  async add(names: readonly string[], keys: PerCopy<string> | undefined): Promise<void> {
    if (names.length === 0 || (keys !== undefined && nameOf(keys) === this.#own)) {
      return;
    }
    if (keys === undefined || !(await this.#areGone(keys))) {
      for (const name of keys === undefined ? names : Object.values(keys)) {
        this.#found.add(name);
      }
    }
  }

  names(): string[] {
    return [...this.#found];
  }

  async #areGone(keys: PerCopy<string>): Promise<boolean> {
    const name = nameOf(keys);
    const known = this.#gone.get(name);
    if (known !== undefined) {
      return known;
    }
    const { primary, secondary } = await this.#custody.states(keys);
    const gone = primary.state === 'Gone' && secondary.state === 'Gone';
    this.#gone.set(name, gone);
    return gone;
  }
}

function nameOf({ primary, secondary }: PerCopy<string>): string {
  return `${primary} ${secondary}`;
}
