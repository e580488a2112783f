import type { PerCopy } from '../../shared/domain/copy-name.ts';
import type { InstallationKeys, KeyPurpose, OwnKey } from '../../shared/ports/installation-keys.ts';
import type { KeyDestruction } from '../../shared/ports/key-custody.ts';
import { type MemoryCustody, ownRole } from './memory-custody.ts';

/** The installation's own keys, by what each is for. */
export interface OwnKeys {
  readonly root: PerCopy<string>;
  readonly signing: string;
}

/** The installation's own keys in memory; there are none before `make` is called. */
export class MemoryInstallationKeys implements InstallationKeys {
  readonly #custody: MemoryCustody;
  readonly #keys: KeyDestruction;
  #made: OwnKeys | undefined;

  constructor(custody: MemoryCustody) {
    this.#custody = custody;
    this.#keys = custody.actingAs(ownRole('record-key-event'));
  }

  async make(): Promise<OwnKeys> {
    const { keys: root } = await this.#custody.create('root', 'dedicated');
    const { keys: signing } = await this.#custody.create('signing', 'dedicated');
    this.#made = { root, signing: signing.primary };
    return this.#made;
  }

  async find(keyArn: string): Promise<OwnKey | null> {
    const { root, signing } = this.#made ?? {};
    const own: [KeyPurpose, string | undefined][] = [
      ['root', root?.primary],
      ['root', root?.secondary],
      ['signing', signing],
    ];
    let missing: OwnKey | null = null;
    for (const [purpose, arn] of own) {
      if (arn === undefined || arn.split(':')[3] !== keyArn.split(':')[3]) {
        continue;
      }
      const isGone = (await this.#keys.state(arn)).state === 'Gone';
      if (arn === keyArn && !isGone) {
        return { purpose, isNamed: true };
      }
      missing ??= isGone ? { purpose, isNamed: false } : null;
    }
    return missing;
  }

  async restore(keyArn: string): Promise<boolean> {
    const { state } = await this.#keys.state(keyArn);
    if (state !== 'Disabled' && state !== 'PendingDeletion') {
      return false;
    }
    await this.#keys.cancelDeletion(keyArn);
    await this.#keys.enable(keyArn);
    return true;
  }
}
