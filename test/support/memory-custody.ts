import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  type KeyringNode,
  MultiKeyringNode,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';
import { functionRole } from '../../shared/config/function-roles.ts';
import { type CopyName, inBothCopies, type PerCopy } from '../../shared/domain/copy-name.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import { type KeyTier, tierOfKey } from '../../shared/domain/key-tier.ts';
import { daysAfter } from '../../shared/domain/lock.ts';
import type { KeyEvent } from '../../shared/erasure/key-event.ts';
import type {
  KeyCustody,
  KeyDestruction,
  KeyState,
  NewKeys,
  ProbeAnswer,
} from '../../shared/ports/key-custody.ts';
import { CheckedKeyring } from './checked-keyring.ts';
import type { MovableClock } from './movable-clock.ts';

interface Key {
  readonly arn: string;
  readonly region: string;
  readonly tier: KeyTier;
  material: Uint8Array;
  state: Exclude<KeyState['state'], 'Other'>;
  deletionDate: Date | null;
  hasOwnPolicy: boolean;
}

/**
 * Both halves of the key service in memory, with real keyrings. Waiting periods follow the clock:
 * when it passes a deletion date, the key's material is overwritten and `DeleteKey` is reported.
 * Branch keys have no events, and are deleted when that is asked for.
 * `available` set to `false` for a Region plays one that is down.
 */
export class MemoryCustody implements KeyCustody, KeyDestruction {
  readonly available: Record<CopyName, boolean> = { primary: true, secondary: true };
  /** Who CloudTrail says called; the default is the erasing function of the `test` installation. */
  actorArn = ownRole('advance-erasures');
  readonly #clock: MovableClock;
  readonly #regions: PerCopy<string>;
  readonly #keys = new Map<string, Key>();
  readonly #listeners: ((event: KeyEvent) => Promise<void>)[] = [];
  #events = 0;

  constructor(clock: MovableClock, regions: PerCopy<string>) {
    this.#clock = clock;
    this.#regions = regions;
    clock.onMove(() => this.#deleteDueKeys());
  }

  /** Registers for all key events, in the order they happen; awaited. */
  onKeyEvent(listener: (event: KeyEvent) => Promise<void>): void {
    this.#listeners.push(listener);
  }

  async create(vaultId: string, tier: KeyTier): Promise<NewKeys> {
    this.#requireAvailable('primary', { vaultId });
    this.#requireAvailable('secondary', { vaultId });
    const keys = await inBothCopies(async (copy) => this.#createKey(vaultId, copy, tier));
    const probes = await inBothCopies(async (copy) => seal(this.#require(keys[copy])));
    return { keys, probes };
  }

  async sealProbes(keys: PerCopy<string>): Promise<PerCopy<string>> {
    return inBothCopies(async (copy) => {
      this.#requireReachable(keys[copy]);
      return seal(this.#usable(keys[copy], 'Enabled'));
    });
  }

  wrapping(keys: PerCopy<string>): KeyringNode {
    const generator = this.#keyring(keys.primary);
    return new MultiKeyringNode({ generator, children: [this.#keyring(keys.secondary)] });
  }

  unwrapping(keys: PerCopy<string>, from: CopyName): KeyringNode {
    return this.#keyring(keys[from]);
  }

  keysNamed(_vaultId: string, names: readonly string[]): PerCopy<string> | undefined {
    const keys = [...this.#keys.keys()];
    const [primary, secondary] = names.map((name) =>
      keys.find((keyArn) => name.startsWith(nameInMessages(keyArn))),
    );
    return primary === undefined || secondary === undefined ? undefined : { primary, secondary };
  }

  states(keys: PerCopy<string>): Promise<PerCopy<KeyState>> {
    return inBothCopies((copy) => this.state(keys[copy]));
  }

  async restorePolicy(keyArn: string): Promise<boolean> {
    this.#requireReachable(keyArn);
    const key = this.#require(keyArn);
    if (key.hasOwnPolicy || key.state === 'Gone' || key.tier === 'shared-root') {
      return false;
    }
    key.hasOwnPolicy = true;
    await this.#report('PutKeyPolicy', key, ownRole('restore-key-policies'));
    return true;
  }

  /** Gives a key another policy, as somebody who may. */
  async changePolicy(keyArn: string, actorArn = this.actorArn): Promise<void> {
    const key = this.#require(keyArn);
    key.hasOwnPolicy = false;
    await this.#report('PutKeyPolicy', key, actorArn);
  }

  /** Switches keys as somebody else than the erasing function. */
  actingAs(actorArn: string): KeyDestruction {
    return {
      disable: (keyArn) => this.disable(keyArn, actorArn),
      enable: (keyArn) => this.enable(keyArn, actorArn),
      scheduleDeletion: (keyArn, days) => this.scheduleDeletion(keyArn, days, actorArn),
      cancelDeletion: (keyArn) => this.cancelDeletion(keyArn, actorArn),
      destroyDue: (keyArn) => this.destroyDue(keyArn),
      state: (keyArn) => this.state(keyArn),
    };
  }

  async probe(
    keys: PerCopy<string>,
    probes: PerCopy<string>,
    copy: CopyName,
  ): Promise<ProbeAnswer> {
    const { state } = await this.state(keys[copy]);
    const { tier } = this.#require(keys[copy]);
    if (state === 'Enabled') {
      unseal(this.#require(keys[copy]), probes[copy]);
      return { outcome: 'opened' };
    }
    return {
      outcome: 'refused',
      answer: tier === 'dedicated' ? REFUSALS[state] : BRANCH_KEY_REFUSALS[state],
    };
  }

  async state(keyArn: string): Promise<KeyState> {
    this.#requireReachable(keyArn);
    const key = this.#keys.get(keyArn);
    return { state: key?.state ?? 'Gone', deletionDate: key?.deletionDate ?? null };
  }

  async disable(keyArn: string, actorArn = this.actorArn): Promise<void> {
    const key = this.#usable(keyArn, 'Enabled', 'Disabled', 'PendingDeletion');
    if (key.state === 'Enabled') {
      key.state = 'Disabled';
      await this.#report('DisableKey', key, actorArn);
    }
  }

  async enable(keyArn: string, actorArn = this.actorArn): Promise<void> {
    const key = this.#usable(keyArn, 'Enabled', 'Disabled');
    if (key.state === 'Disabled') {
      key.state = 'Enabled';
      await this.#report('EnableKey', key, actorArn);
    }
  }

  async scheduleDeletion(
    keyArn: string,
    windowDays: number,
    actorArn = this.actorArn,
  ): Promise<Date> {
    const key = this.#usable(keyArn, 'Enabled', 'Disabled', 'PendingDeletion');
    if (key.deletionDate !== null) {
      return key.deletionDate;
    }
    const deletionDate = daysAfter(this.#clock.now(), windowDays);
    key.deletionDate = deletionDate;
    key.state = 'PendingDeletion';
    await this.#report('ScheduleKeyDeletion', key, actorArn);
    return deletionDate;
  }

  async cancelDeletion(keyArn: string, actorArn = this.actorArn): Promise<void> {
    const key = this.#usable(keyArn, 'Enabled', 'Disabled', 'PendingDeletion');
    if (key.state === 'PendingDeletion') {
      key.state = 'Disabled';
      key.deletionDate = null;
      await this.#report('CancelKeyDeletion', key, actorArn);
    }
  }

  async destroyDue(keyArn: string): Promise<boolean> {
    this.#requireReachable(keyArn);
    const key = this.#require(keyArn);
    if (key.tier === 'dedicated') {
      return false;
    }
    if (this.#isDue(key)) {
      destroy(key);
    }
    return key.state === 'Gone';
  }

  async #deleteDueKeys(): Promise<void> {
    for (const key of this.#keys.values()) {
      if (key.tier === 'dedicated' && this.#isDue(key)) {
        destroy(key);
        await this.#report('DeleteKey', key, null);
      }
    }
  }

  #isDue({ deletionDate }: Key): boolean {
    return deletionDate !== null && deletionDate <= this.#clock.now();
  }

  async #report(eventName: string, key: Key, actorArn: string | null): Promise<void> {
    if (key.tier === 'shared-root') {
      return;
    }
    this.#events += 1;
    const eventId = `event-${String(this.#events).padStart(6, '0')}`;
    const event: KeyEvent = {
      eventId,
      eventName,
      eventTime: this.#clock.now().toISOString(),
      region: key.region,
      keyArn: key.arn,
      actorArn,
    };
    for (const listener of this.#listeners) {
      await listener(event);
    }
  }

  #createKey(vaultId: string, copy: CopyName, tier: KeyTier): string {
    const region = this.#regions[copy];
    const id = String(this.#keys.size + 1).padStart(12, '0');
    const arn =
      tier === 'dedicated'
        ? `arn:aws:kms:${region}:111122223333:key/00000000-0000-4000-8000-${id}`
        : `arn:aws:dynamodb:${region}:111122223333:table/holdfast-test-keys/key-${vaultId}-${id}`;
    const material = new Uint8Array(randomBytes(32));
    this.#keys.set(arn, {
      arn,
      region,
      tier,
      material,
      state: 'Enabled',
      deletionDate: null,
      hasOwnPolicy: true,
    });
    return arn;
  }

  /** Its state is looked at whenever it is used, not when it is made. */
  #keyring(keyArn: string): KeyringNode {
    const { material } = this.#require(keyArn);
    const inner = new RawAesKeyringNode({
      keyNamespace: 'memory-custody',
      keyName: nameInMessages(keyArn),
      unencryptedMasterKey: Uint8Array.from(material),
      wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
    });
    return new CheckedKeyring(inner, () => {
      this.#requireReachable(keyArn);
      this.#usable(keyArn, 'Enabled');
    });
  }

  #require(keyArn: string): Key {
    const key = this.#keys.get(keyArn);
    if (key === undefined) {
      throw new HoldfastError('KEYS_UNUSABLE', { keyId: keyIdOf(keyArn), states: 'Gone' });
    }
    return key;
  }

  #usable(keyArn: string, ...allowed: KeyState['state'][]): Key {
    this.#requireReachable(keyArn);
    const key = this.#require(keyArn);
    if (!allowed.includes(key.state)) {
      throw new HoldfastError('KEYS_UNUSABLE', { keyId: keyIdOf(keyArn), states: key.state });
    }
    return key;
  }

  #requireReachable(keyArn: string): void {
    const copy = keyArn.split(':')[3] === this.#regions.primary ? 'primary' : 'secondary';
    this.#requireAvailable(copy, { keyId: keyIdOf(keyArn) });
  }

  #requireAvailable(copy: CopyName, owner: { vaultId: string } | { keyId: string }): void {
    if (!this.available[copy]) {
      throw new HoldfastError('KEYS_UNAVAILABLE', owner);
    }
  }
}

/** What KMS answers to a decrypt under a key in each state. */
const REFUSALS: Readonly<Record<Exclude<KeyState['state'], 'Enabled'>, string>> = {
  Disabled: 'DisabledException',
  PendingDeletion: 'KMSInvalidStateException',
  Gone: 'NotFoundException',
  Other: 'KMSInvalidStateException',
};

/** What a key store without a usable branch key is reported as. */
const BRANCH_KEY_REFUSALS: typeof REFUSALS = {
  Disabled: 'BranchKeyDisabled',
  PendingDeletion: 'BranchKeyPendingDeletion',
  Gone: 'BranchKeyAbsent',
  Other: 'BranchKeyOther',
};

function destroy(key: Key): void {
  key.material.fill(0);
  key.state = 'Gone';
  key.deletionDate = null;
}

/** @returns a session of a function of the `test` installation. */
export function ownRole(functionName: string): string {
  return `arn:aws:sts::111122223333:assumed-role/${functionRole('test', functionName)}/s`;
}

/** Whole for a KMS key, the id alone for a branch key (format.md 2.7). */
function nameInMessages(keyArn: string): string {
  return tierOfKey(keyArn) === 'dedicated' ? keyArn : keyIdOf(keyArn);
}

function keyIdOf(keyArn: string): string {
  return keyArn.slice(keyArn.lastIndexOf('/') + 1);
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** @returns base64 of IV, tag and ciphertext of 32 random bytes. */
function seal(key: Key): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.material, iv);
  const body = Buffer.concat([cipher.update(randomBytes(32)), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
}

function unseal(key: Key, probe: string): Buffer {
  const bytes = Buffer.from(probe, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key.material, bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
}
