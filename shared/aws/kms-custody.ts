import { isDeepStrictEqual } from 'node:util';
import type { KeyringNode } from '@aws-crypto/material-management-node';
import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  type KMS,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import { type CopyName, inBothCopies, type PerCopy } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import type { KeyState, NewKeys, ProbeAnswer, TierCustody } from '../ports/key-custody.ts';
import { type KeyPolicyRoles, keyPolicy } from './key-policy.ts';
import { keyFault, ownerOf } from './kms-faults.ts';
import { describeKeyState, regionOfKey } from './kms-key-state.ts';
import { KmsKeyring } from './kms-keyring.ts';
import type { Pause } from './system-clock.ts';
import { AwsAnswer, awsAnswerOf } from './translate-errors.ts';

export interface KmsCustodyOptions {
  readonly installation: string;
  readonly partition: string;
  readonly account: string;
  readonly regions: PerCopy<string>;
  readonly clientOf: (region: string) => KMS;
  readonly roles: KeyPolicyRoles;
  readonly pause: Pause;
  /** Gives that many unpredictable bytes. */
  readonly randomBytes: (size: number) => Uint8Array;
}

/** The name a message has for a key: its ARN, with the Region. */
const KEY_ARN = /^arn:[a-z-]+:kms:([a-z0-9-]+):\d{12}:key\/[\w-]+/;

/** A probe's plaintext; what it is does not matter, as nobody ever compares it. */
const PROBE_BYTES = 32;
/** Keeps a probe from being taken for anything else. CloudTrail shows it: no ids, no names. */
const PROBE_CONTEXT = { 'holdfast:purpose': 'probe' };

/**
 * A new key is not known everywhere at once, and what IAM allows by its tags even later: both may
 * take minutes (KMS developer guide, "AWS KMS eventual consistency", "ABAC for AWS KMS"). Its first
 * use is tried for about 20 s, which leaves a request to the API its time.
 */
const NOT_YET = ['NotFoundException', 'AccessDeniedException'];
const FIRST_USE_TRIES = 9;
const FIRST_USE_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 4_000;

/**
 * KMS refuses a key policy unless the caller could replace it afterwards, and judges that by the
 * caller's IAM policy too. That one asks for the tags of a vault's key, which a key that is being
 * made does not have yet. What the check is to prevent cannot happen: every policy that is written
 * here lets the account's root user replace it (KMS API, CreateKey, PutKeyPolicy).
 */
const ROOT_USER_CAN_REPAIR = { BypassPolicyLockoutSafetyCheck: true } as const;

/** Vault keys in KMS: one single-Region key in each Region. */
export class KmsCustody implements TierCustody {
  readonly #options: KmsCustodyOptions;

  constructor(options: KmsCustodyOptions) {
    this.#options = options;
  }

  async create(vaultId: string): Promise<NewKeys> {
    const made = await inBothCopies((copy) => this.#createOne(vaultId, copy));
    const { primary, secondary } = made;
    return {
      keys: { primary: primary.keyArn, secondary: secondary.keyArn },
      probes: { primary: primary.probe, secondary: secondary.probe },
    };
  }

  sealProbes(keys: PerCopy<string>): Promise<PerCopy<string>> {
    return inBothCopies((copy) => this.#sealProbe(this.#clientOf(keys[copy]), keys[copy], 1));
  }

  wrapping(keys: PerCopy<string>): KeyringNode {
    return new KmsKeyring({
      generatorKeyId: keys.primary,
      keyIds: [keys.secondary],
      clientOf: this.#options.clientOf,
    });
  }

  unwrapping(keys: PerCopy<string>, from: CopyName): KeyringNode {
    return new KmsKeyring({ keyIds: [keys[from]], clientOf: this.#options.clientOf });
  }

  keysNamed(_vaultId: string, names: readonly string[]): PerCopy<string> | undefined {
    const { regions } = this.#options;
    const keyIn = (region: string) =>
      names.map((name) => KEY_ARN.exec(name)).find((match) => match?.[1] === region)?.[0];
    const [primary, secondary] = [keyIn(regions.primary), keyIn(regions.secondary)];
    return primary === undefined || secondary === undefined ? undefined : { primary, secondary };
  }

  states(keys: PerCopy<string>): Promise<PerCopy<KeyState>> {
    return inBothCopies((copy) => describeKeyState(this.#clientOf(keys[copy]), keys[copy]));
  }

  async restorePolicy(keyArn: string): Promise<boolean> {
    const { partition, account, roles } = this.#options;
    const client = this.#clientOf(keyArn);
    const wanted = JSON.stringify(keyPolicy(partition, account, roles));
    try {
      const { Policy } = await client.send(new GetKeyPolicyCommand({ KeyId: keyArn }));
      if (isSameJson(Policy, wanted)) {
        return false;
      }
      await client.send(
        new PutKeyPolicyCommand({ KeyId: keyArn, Policy: wanted, ...ROOT_USER_CAN_REPAIR }),
      );
      return true;
    } catch (error) {
      if (awsAnswerOf(error).code === 'NotFoundException') {
        return false;
      }
      throw keyFault(ownerOf(keyArn), error);
    }
  }

  async probe(
    keys: PerCopy<string>,
    probes: PerCopy<string>,
    copy: CopyName,
  ): Promise<ProbeAnswer> {
    const command = new DecryptCommand({
      KeyId: keys[copy],
      CiphertextBlob: Buffer.from(probes[copy], 'base64'),
      EncryptionContext: PROBE_CONTEXT,
    });
    try {
      await this.#clientOf(keys[copy]).send(command);
      return { outcome: 'opened' };
    } catch (error) {
      const fault = keyFault(ownerOf(keys[copy]), error);
      if (isFault(fault, 'KEYS_UNUSABLE') && fault.cause instanceof AwsAnswer) {
        return { outcome: 'refused', answer: fault.cause.code };
      }
      throw fault;
    }
  }

  async #createOne(vaultId: string, copy: CopyName): Promise<{ keyArn: string; probe: string }> {
    const { installation, partition, account, regions, roles } = this.#options;
    const client = this.#options.clientOf(regions[copy]);
    const command = new CreateKeyCommand({
      Description: `Holdfast ${installation}: key of one vault in this Region`,
      Policy: JSON.stringify(keyPolicy(partition, account, roles)),
      ...ROOT_USER_CAN_REPAIR,
      Tags: [
        { TagKey: 'holdfast:installation', TagValue: installation },
        { TagKey: 'holdfast:vault', TagValue: vaultId },
      ],
    });
    const { KeyMetadata } = await client.send(command).catch((error: unknown) => {
      throw keyFault({ vaultId }, error);
    });
    if (KeyMetadata?.Arn === undefined) {
      throw new Error('KMS made a key without an ARN.');
    }
    const { Arn: keyArn } = KeyMetadata;
    return { keyArn, probe: await this.#sealProbe(client, keyArn, FIRST_USE_TRIES) };
  }

  async #sealProbe(client: KMS, keyArn: string, mostTries: number): Promise<string> {
    const command = new EncryptCommand({
      KeyId: keyArn,
      Plaintext: this.#options.randomBytes(PROBE_BYTES),
      EncryptionContext: PROBE_CONTEXT,
    });
    for (let tries = 1; ; tries += 1) {
      try {
        const { CiphertextBlob } = await client.send(command);
        return Buffer.from(CiphertextBlob ?? []).toString('base64');
      } catch (error) {
        if (!NOT_YET.includes(awsAnswerOf(error).code) || tries === mostTries) {
          throw keyFault(ownerOf(keyArn), error);
        }
        await this.#options.pause(
          Math.min(LONGEST_PAUSE_MS, FIRST_USE_PAUSE_MS * 2 ** (tries - 1)),
        );
      }
    }
  }

  #clientOf(keyArn: string): KMS {
    return this.#options.clientOf(regionOfKey(keyArn));
  }
}

/** Whatever the white space, and whether a list of one is written as its only item. */
function isSameJson(left: string | undefined, right: string): boolean {
  return left !== undefined && isDeepStrictEqual(parseJson(left), parseJson(right));
}

function parseJson(json: string): unknown {
  return JSON.parse(json, (_name, value: unknown) =>
    Array.isArray(value) && value.length === 1 ? value[0] : value,
  );
}
