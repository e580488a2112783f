import { DescribeKeyCommand, type KMS } from '@aws-sdk/client-kms';
import { rootKeyAlias } from '../config/key-store.ts';
import { signingKeyAlias } from '../config/signing-key.ts';
import type { PerCopy } from '../domain/copy-name.ts';
import type { InstallationKeys, KeyPurpose, OwnKey } from '../ports/installation-keys.ts';
import { KmsDestruction } from './kms-destruction.ts';
import { keyFault, ownerOf } from './kms-faults.ts';
import { regionOfKey } from './kms-key-state.ts';
import { awsAnswerOf } from './translate-errors.ts';

export interface KmsInstallationKeysOptions {
  readonly installation: string;
  readonly regions: PerCopy<string>;
  readonly clientOf: (region: string) => KMS;
}

/** The installation's own keys in KMS. */
export class KmsInstallationKeys implements InstallationKeys {
  readonly #options: KmsInstallationKeysOptions;

  constructor(options: KmsInstallationKeysOptions) {
    this.#options = options;
  }

  async find(keyArn: string): Promise<OwnKey | null> {
    const { installation, regions } = this.#options;
    const aliases: [KeyPurpose, string][] = [['root', rootKeyAlias(installation)]];
    if (regionOfKey(keyArn) === regions.primary) {
      aliases.push(['signing', signingKeyAlias(installation)]);
    }
    let missing: OwnKey | null = null;
    for (const [purpose, alias] of aliases) {
      const target = await this.#targetOf(alias, keyArn);
      if (target === keyArn) {
        return { purpose, isNamed: true };
      }
      missing ??= target === null ? { purpose, isNamed: false } : null;
    }
    return missing;
  }

  async restore(keyArn: string): Promise<boolean> {
    const keys = new KmsDestruction(this.#options);
    const { state } = await keys.state(keyArn);
    if (state === 'PendingDeletion') {
      await keys.cancelDeletion(keyArn);
    }
    const isOff = state === 'PendingDeletion' || state === 'Disabled';
    if (isOff) {
      await keys.enable(keyArn);
    }
    return isOff;
  }

  /** @returns the ARN of the key an alias leads to in a key's Region; `null` when there is none. */
  async #targetOf(alias: string, keyArn: string): Promise<string | null> {
    const client = this.#options.clientOf(regionOfKey(keyArn));
    try {
      const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: alias }));
      return KeyMetadata?.Arn ?? null;
    } catch (error) {
      if (awsAnswerOf(error).code === 'NotFoundException') {
        return null;
      }
      throw keyFault(ownerOf(keyArn), error);
    }
  }
}
