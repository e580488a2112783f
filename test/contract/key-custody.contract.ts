import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  type KeyringNode,
} from '@aws-crypto/client-node';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { COPY_NAMES, otherCopy, type PerCopy } from '../../shared/domain/copy-name.ts';
import type { KeyTier } from '../../shared/domain/key-tier.ts';
import type { KeyCustody, KeyDestruction } from '../../shared/ports/key-custody.ts';
import { TEST_INSTALLATION } from '../support/memory-services.ts';

/** Both halves of one key service, and its clock. */
export interface KeysUnderTest {
  readonly custody: KeyCustody;
  readonly destruction: KeyDestruction;
  /** The tier of the keys that are made; names, answers and who ends a waiting period follow it. */
  readonly tier: KeyTier;
  readonly moveDays: (days: number) => Promise<void>;
  /** Gives a key another policy, as somebody from outside. @returns whether it can have one. */
  readonly changePolicy: (keyArn: string) => Promise<boolean>;
}

/** What tiers differ in. */
const OF_TIER = {
  dedicated: {
    name: /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-f-]{36}$/,
    inMessages: (key: string) => key,
    disabled: 'DisabledException',
    gone: 'NotFoundException',
  },
  'shared-root': {
    name: /^arn:[a-z-]+:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w-]+\/key-[\w-]+$/,
    // format.md 2.7
    inMessages: (key: string) => key.slice(key.lastIndexOf('/') + 1),
    disabled: 'BranchKeyDisabled',
    gone: 'BranchKeyAbsent',
  },
} as const;

const VAULT_ID = '01K9ZZZZZZ0000000000000001';
const PLAINTEXT = Buffer.from('资产负债表');
const CONTEXT = { vault: VAULT_ID, object: 'pack-1' };
const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);

async function seal(keyring: KeyringNode): Promise<Buffer> {
  const { result } = await encrypt(keyring, PLAINTEXT, {
    encryptionContext: CONTEXT,
    suiteId: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
  });
  return result;
}

async function unseal(keyring: KeyringNode, message: Buffer): Promise<Buffer> {
  return (await decrypt(keyring, message)).plaintext;
}

/** @param open - called once. */
export function describeKeyCustodyContract(name: string, open: () => Promise<KeysUnderTest>): void {
  describe(`key custody contract: ${name}`, () => {
    let world: KeysUnderTest;
    let custody: KeyCustody;
    let keys: PerCopy<string>;
    let probes: PerCopy<string>;

    beforeAll(async () => {
      world = await open();
      custody = world.custody;
    });
    beforeEach(async () => {
      ({ keys, probes } = await custody.create(VAULT_ID, world.tier));
    });

    test('a vault gets two enabled keys, in two Regions, and two probes', async () => {
      const regions = COPY_NAMES.map((copy) => keys[copy].split(':')[3]);
      expect(new Set(regions).size).toBe(2);
      for (const copy of COPY_NAMES) {
        expect(keys[copy]).toMatch(OF_TIER[world.tier].name);
        expect(Buffer.from(probes[copy], 'base64').length).toBeGreaterThan(32);
      }
      expect(await custody.states(keys)).toEqual({
        primary: { state: 'Enabled', deletionDate: null },
        secondary: { state: 'Enabled', deletionDate: null },
      });
    });

    test('new probes are made under keys that exist, and only while both are enabled', async () => {
      const again = await custody.sealProbes(keys);
      for (const copy of COPY_NAMES) {
        expect(world.tier === 'dedicated' && again[copy] === probes[copy]).toBe(false);
        expect(await custody.probe(keys, again, copy)).toEqual({ outcome: 'opened' });
      }
      await world.destruction.disable(keys.secondary);
      await expect(custody.sealProbes(keys)).rejects.toMatchObject({ code: 'KEYS_UNUSABLE' });
    });

    test('every call makes keys of its own', async () => {
      const again = await custody.create(VAULT_ID, world.tier);
      const all = [...Object.values(again.keys), ...Object.values(keys)];
      expect(new Set(all).size).toBe(4);
    });

    test.each(COPY_NAMES)('what both keys wrap, the %s key opens alone', async (copy) => {
      const message = await seal(custody.wrapping(keys));
      await world.destruction.disable(keys[otherCopy(copy)]);
      expect(await unseal(custody.unwrapping(keys, copy), message)).toEqual(PLAINTEXT);
    });

    test('each message carries its data key wrapped twice', async () => {
      const message = await seal(custody.wrapping(keys));
      const { messageHeader } = await decrypt(custody.unwrapping(keys, 'primary'), message);
      expect(messageHeader.encryptedDataKeys).toHaveLength(2);
      expect(messageHeader.encryptionContext).toEqual(CONTEXT);
    });

    test('the names in a message, in their order, lead back to the keys', async () => {
      const message = await seal(custody.wrapping(keys));
      const { messageHeader } = await decrypt(custody.unwrapping(keys, 'primary'), message);
      const names = messageHeader.encryptedDataKeys.map(({ providerInfo }) => providerInfo);
      const { inMessages } = OF_TIER[world.tier];
      expect(names[0]?.startsWith(inMessages(keys.primary))).toBe(true);
      expect(names[1]?.startsWith(inMessages(keys.secondary))).toBe(true);
      expect(custody.keysNamed(VAULT_ID, names)).toEqual(keys);
      expect(custody.keysNamed(VAULT_ID, names.slice(0, 1))).toBeUndefined();
      const { primary, secondary } = TEST_INSTALLATION.regions;
      expect(COPY_NAMES.map((copy) => keys[copy].split(':')[3])).toEqual([primary, secondary]);
    });

    test("another vault's keys open nothing", async () => {
      const other = await custody.create('01K9ZZZZZZ0000000000000002', world.tier);
      const message = await seal(custody.wrapping(keys));
      await expect(unseal(custody.unwrapping(other.keys, 'primary'), message)).rejects.toThrow();
    });

    test.each(COPY_NAMES)('with a disabled %s key, nothing is wrapped', async (copy) => {
      await world.destruction.disable(keys[copy]);
      await expect(seal(custody.wrapping(keys))).rejects.toMatchObject({ code: 'KEYS_UNUSABLE' });
    });

    test.each(COPY_NAMES)('a disabled %s key unwraps nothing until enabled again', async (copy) => {
      const message = await seal(custody.wrapping(keys));
      const keyring = custody.unwrapping(keys, copy);
      await world.destruction.disable(keys[copy]);
      await expect(unseal(keyring, message)).rejects.toMatchObject({ code: 'KEYS_UNUSABLE' });
      await world.destruction.enable(keys[copy]);
      expect(await unseal(keyring, message)).toEqual(PLAINTEXT);
    });

    test('a key that waits for its deletion unwraps nothing, and neither a gone one', async () => {
      const message = await seal(custody.wrapping(keys));
      const keyring = custody.unwrapping(keys, 'primary');
      await world.destruction.scheduleDeletion(keys.primary, 7);
      await expect(unseal(keyring, message)).rejects.toMatchObject({ code: 'KEYS_UNUSABLE' });
      await world.moveDays(8);
      await world.destruction.destroyDue(keys.primary);
      await expect(unseal(keyring, message)).rejects.toMatchObject({ code: 'KEYS_UNUSABLE' });
      expect(await unseal(custody.unwrapping(keys, 'secondary'), message)).toEqual(PLAINTEXT);
    });

    test('a refusal names the key by its id alone', async () => {
      await world.destruction.disable(keys.secondary);
      const refusal = await seal(custody.wrapping(keys)).catch((error) => error);
      const keyId = keys.secondary.slice(keys.secondary.lastIndexOf('/') + 1);
      expect(refusal).toMatchObject({ code: 'KEYS_UNUSABLE', data: { keyId } });
    });

    test.each(COPY_NAMES)(
      'the probe of the %s key opens while the key is enabled',
      async (copy) => {
        expect(await custody.probe(keys, probes, copy)).toEqual({ outcome: 'opened' });
      },
    );

    test('the probe is refused, with the answer, when the key is disabled or gone', async () => {
      await world.destruction.disable(keys.primary);
      expect(await custody.probe(keys, probes, 'primary')).toEqual({
        outcome: 'refused',
        answer: OF_TIER[world.tier].disabled,
      });
      expect(await custody.probe(keys, probes, 'secondary')).toEqual({ outcome: 'opened' });
      await world.destruction.scheduleDeletion(keys.primary, 7);
      expect(await custody.probe(keys, probes, 'primary')).toMatchObject({ outcome: 'refused' });
      await world.moveDays(8);
      await world.destruction.destroyDue(keys.primary);
      expect(await custody.probe(keys, probes, 'primary')).toEqual({
        outcome: 'refused',
        answer: OF_TIER[world.tier].gone,
      });
    });

    test('a policy that somebody changed is put back once, and the key works', async () => {
      expect(await custody.restorePolicy(keys.primary)).toBe(false);
      const hasPolicy = await world.changePolicy(keys.primary);
      expect(await custody.restorePolicy(keys.secondary)).toBe(false);
      expect(await custody.restorePolicy(keys.primary)).toBe(hasPolicy);
      expect(await custody.restorePolicy(keys.primary)).toBe(false);
      expect(await custody.probe(keys, probes, 'primary')).toEqual({ outcome: 'opened' });
    });

    test('a key that is gone has no policy to put back', async () => {
      await world.destruction.scheduleDeletion(keys.primary, 7);
      await world.moveDays(8);
      await world.destruction.destroyDue(keys.primary);
      expect(await custody.restorePolicy(keys.primary)).toBe(false);
    });
  });
}
