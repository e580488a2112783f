import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  type KeyringNode,
} from '@aws-crypto/client-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { openMessage } from '../../shared/format/compressed-message.ts';
import { encryptionContext, type MessageIdentity } from '../../shared/format/message.ts';
import { MessageWriter, type Store } from '../../shared/format/message-writer.ts';
import { CheckedKeyring } from '../support/checked-keyring.ts';
import { rawKeyring, wrappingAll } from '../support/raw-keyring.ts';
import { inMemory, inPieces, ORIGIN, plaintextOf } from '../support/read-message.ts';

const IDENTITY: MessageIdentity = { vaultId: 'V', snapshotId: 'S', object: 'pack/P' };
const PLAINTEXT = randomBytes(2_500_000);
const primary = rawKeyring('primary');
const secondary = rawKeyring('secondary');
const keyring = wrappingAll(primary, secondary);

let message: Buffer;

async function writeMessage<Stored>(wrapping: KeyringNode, store: Store<Stored>): Promise<Stored> {
  const writer = new MessageWriter(wrapping, IDENTITY, store);
  for await (const piece of inPieces(PLAINTEXT)) {
    await writer.write(piece);
  }
  return writer.finish();
}

beforeAll(async () => {
  message = await writeMessage(keyring, inMemory);
});

const damagedAs = (problem: string): object => ({ code: 'OBJECT_DAMAGED', data: { problem } });
const problemOf = (problem: string): object =>
  expect.objectContaining({
    code: 'OBJECT_DAMAGED',
    data: { copy: 'primary', object: 'vaults/v/packs/p', problem },
  });

describe('an encrypted message', () => {
  test('format.md 2.2: either key opens it, no other does', async () => {
    expect(PLAINTEXT.equals(await plaintextOf(message, primary, IDENTITY))).toBe(true);
    expect(PLAINTEXT.equals(await plaintextOf(message, secondary, IDENTITY))).toBe(true);
    const foreign = plaintextOf(message, rawKeyring('primary'), IDENTITY);
    await expect(foreign).rejects.toMatchObject(damagedAs('altered'));
  });

  test('format.md 2.1, 2.3: suite, frames and context are what the document says', async () => {
    const { decryptUnsignedMessageStream } = buildClient(
      CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
    );
    const stream = decryptUnsignedMessageStream(primary);
    const header = new Promise<object>((resolve) => {
      stream.once('MessageHeader', resolve);
    });
    stream.end(message);
    await buffer(stream);
    expect(await header).toMatchObject({
      suiteId: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
      frameLength: 1024 * 1024,
      encryptionContext: {
        'holdfast:format': '1',
        'holdfast:vault': 'V',
        'holdfast:snapshot': 'S',
        'holdfast:object': 'pack/P',
      },
    });
  });

  test.each<[string, MessageIdentity]>([
    ['vault', { ...IDENTITY, vaultId: 'W' }],
    ['snapshot', { ...IDENTITY, snapshotId: 'T' }],
    ['pack', { ...IDENTITY, object: 'pack/Q' }],
    ['kind of object', { ...IDENTITY, object: 'manifest/0' }],
  ])('format.md 2.4: one of another %s is refused before a key is used', async (_, other) => {
    const unused = new CheckedKeyring(primary, () => {
      throw new Error('A key was used.');
    });
    const opening = plaintextOf(message, unused, other);
    await expect(opening).rejects.toEqual(problemOf('belongs to another object'));
  });

  test('format.md 2.4: one with a further pair in its context is refused', async () => {
    const { encrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
    const encryptionContextOfMore = { ...encryptionContext(IDENTITY), more: 'x' };
    const { result } = await encrypt(keyring, PLAINTEXT, {
      suiteId: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
      encryptionContext: encryptionContextOfMore,
    });
    const opening = plaintextOf(result, primary, IDENTITY);
    await expect(opening).rejects.toEqual(problemOf('belongs to another object'));
  });

  test.each([
    [
      'signed',
      AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384,
    ],
    ['without key commitment', AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA256],
  ])('format.md 2.5: one that is %s is refused', async (_, suiteId) => {
    const lenient = CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT;
    const strict = CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT;
    const isSigned = suiteId > 0x0500;
    const { encrypt } = buildClient(isSigned ? strict : lenient);
    const { result } = await encrypt(keyring, PLAINTEXT, {
      suiteId,
      encryptionContext: encryptionContext(IDENTITY),
    });
    await expect(plaintextOf(result, primary, IDENTITY)).rejects.toEqual(problemOf('altered'));
  });

  test('format.md 2.1: one with frames of another size is refused', async () => {
    const { encrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
    const { result } = await encrypt(keyring, PLAINTEXT, {
      suiteId: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
      frameLength: 4096,
      encryptionContext: encryptionContext(IDENTITY),
    });
    await expect(plaintextOf(result, primary, IDENTITY)).rejects.toEqual(problemOf('altered'));
  });

  test('format.md 2.2: one with three wrapped keys is refused', async () => {
    const { encrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
    const three = wrappingAll(primary, secondary, rawKeyring('third'));
    const { result } = await encrypt(three, PLAINTEXT, {
      suiteId: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
      encryptionContext: encryptionContext(IDENTITY),
    });
    await expect(plaintextOf(result, primary, IDENTITY)).rejects.toEqual(problemOf('altered'));
  });

  test.each([0, 1, 50, 400, 700, 1_048_000, 1_050_000, -400_000, -1])(
    'cut at byte %i it is truncated',
    async (at) => {
      const opening = plaintextOf(message.subarray(0, at), primary, IDENTITY);
      await expect(opening).rejects.toEqual(problemOf('truncated'));
    },
  );

  test.each([0, 1, 21, 300, 600, 1_000, 1_048_600, 1_050_000, 2_000_000, -17, -1])(
    'a bit flipped at byte %i is noticed',
    async (at) => {
      const flipped = Buffer.from(message);
      const index = at < 0 ? flipped.length + at : at;
      flipped.writeUInt8(flipped.readUInt8(index) ^ 0x10, index);
      const opening = plaintextOf(flipped, primary, IDENTITY);
      await expect(opening).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
    },
  );

  test('frames that changed places are noticed, though each is right by itself', async () => {
    const frame = 16 + 1024 * 1024 + 16;
    const body = message.indexOf(Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));
    const first = message.subarray(body, body + frame);
    const second = message.subarray(body + frame, body + 2 * frame);
    const rest = message.subarray(body + 2 * frame);
    const swapped = Buffer.concat([message.subarray(0, body), second, first, rest]);
    expect(swapped).toHaveLength(message.length);
    await expect(plaintextOf(swapped, primary, IDENTITY)).rejects.toEqual(problemOf('altered'));
  });

  test('a reader that stops early leaves nothing behind that fails later', async () => {
    let closed = false;
    async function* watched(): AsyncGenerator<Buffer> {
      try {
        yield* inPieces(message);
      } finally {
        closed = true;
      }
    }
    for await (const chunk of openMessage(watched(), primary, IDENTITY, ORIGIN)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    for (let turn = 0; turn < 50; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(closed).toBe(true);
  });

  test('what the store throws is thrown, while plaintext still comes', async () => {
    const failure = new Error('the copy failed');
    const storing = writeMessage(keyring, async (bytes) => {
      for await (const chunk of bytes) {
        expect(chunk.length).toBeGreaterThan(0);
        throw failure;
      }
    });
    await expect(storing).rejects.toBe(failure);
  });

  test('what the keyring throws is thrown', async () => {
    const failure = new Error('the key is disabled');
    const disabled = new CheckedKeyring(keyring, () => {
      throw failure;
    });
    const storing = writeMessage(disabled, inMemory);
    await expect(storing).rejects.toBe(failure);
  });
});
