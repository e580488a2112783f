import {
  CommitmentPolicy,
  CommitmentPolicySuites,
  type GetDecipher,
  getDecryptionHelper,
  type KeyringNode,
  NodeAlgorithmSuite,
  SignaturePolicy,
  SignaturePolicySuites,
} from '@aws-crypto/material-management-node';
import {
  aadFactory,
  type BodyHeader,
  decodeBodyHeader,
  deserializeFactory,
  type HeaderInfo,
} from '@aws-crypto/serialize';
import { BoundMaterials } from './bound-materials.ts';
import { ByteReader } from './byte-reader.ts';
import { encryptionContext, FRAME_BYTES, MAX_DATA_KEYS, type MessageIdentity } from './message.ts';
import { releaseMemory } from './release-memory.ts';

/** The message ends before it is whole. */
export class MessageCut extends Error {
  override readonly name = 'MessageCut';
}

const { deserializeMessageHeader } = deserializeFactory(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  NodeAlgorithmSuite,
);
const { messageAAD, messageAADContentString } = aadFactory((text) => Buffer.from(text, 'utf8'));

/** A frame's header: its number and IV; that of the last one has a mark before and a size after. */
const FRAME_HEADER_BYTES = 16;
const LAST_FRAME_MORE_BYTES = 8;
const LAST_FRAME_MARK = 0xffffffff;

/**
 * Decrypts one AWS Encryption SDK message frame by frame. Each frame is yielded after its tag has
 * been found right, and is valid until the second one after it is asked for: two buffers take
 * turns.
 *
 * The parts are the Encryption SDK's own: reading headers, the checks of suites, keys and
 * commitment, the ciphers. Only its streams are not used. They join, pass on and release every byte
 * by buffers of their own, which costs more than the decryption.
 *
 * @throws ContextMismatch before any key is used when the message is not what `identity` says
 * (format.md 2.4); `MessageCut`; what `ciphertext` and the keyring throw; an error of no certain
 * kind when anything was altered.
 */
export async function* decryptFrames(
  ciphertext: AsyncIterable<Buffer>,
  keyring: KeyringNode,
  identity: MessageIdentity,
): AsyncGenerator<Buffer> {
  const input = new ByteReader(ciphertext);
  try {
    const header = await readHeader(input);
    const { getDecipher, dispose } = await openHeader(header, keyring, identity);
    try {
      yield* readFrames(input, header, getDecipher);
    } finally {
      dispose();
    }
    // What follows the last frame is not part of the message; whoever gave it counts its bytes.
    while (await input.fill()) {
      input.take(Number.POSITIVE_INFINITY);
    }
  } finally {
    await input.close();
  }
}

/**
 * Reads which keys can open a message, from its plain header; no key is needed for that.
 * @returns the name each key was wrapped under: for KMS the key's ARN.
 * @throws MessageCut; an error of no certain kind when it is no message; what `ciphertext` throws.
 */
export async function readKeyNames(ciphertext: AsyncIterable<Buffer>): Promise<string[]> {
  const input = new ByteReader(ciphertext);
  try {
    const { messageHeader } = await readHeader(input);
    return messageHeader.encryptedDataKeys.map(({ providerInfo }) => providerInfo);
  } finally {
    await input.close();
  }
}

async function readHeader(input: ByteReader): Promise<HeaderInfo> {
  let bytes: Buffer = Buffer.alloc(0);
  while (await input.fill()) {
    bytes = Buffer.concat([bytes, input.take(Number.POSITIVE_INFINITY)]);
    const header = deserializeMessageHeader(bytes, { maxEncryptedDataKeys: MAX_DATA_KEYS });
    if (header !== false) {
      input.unread(bytes.subarray(header.rawHeader.length + header.headerAuth.headerAuthLength));
      return header;
    }
  }
  throw new MessageCut('The message ends inside its header.');
}

/** In the order of the Encryption SDK: suite, context, keys, commitment, the header's own tag. */
async function openHeader(
  { messageHeader, algorithmSuite, rawHeader, headerAuth }: HeaderInfo,
  keyring: KeyringNode,
  identity: MessageIdentity,
): Promise<{ getDecipher: GetDecipher; dispose: () => void }> {
  const { messageId, encryptionContext: context, encryptedDataKeys } = messageHeader;
  const suite = new NodeAlgorithmSuite(algorithmSuite.id);
  requireSuite(suite, messageId);
  const materials = new BoundMaterials(keyring, encryptionContext(identity));
  const request = { suite, encryptionContext: context, encryptedDataKeys: [...encryptedDataKeys] };
  const material = await materials.decryptMaterials(request);
  requireSuite(material.suite, messageId);
  const { getDecipherInfo, dispose } = getDecryptionHelper(material);
  try {
    const suiteData = 'suiteData' in messageHeader ? messageHeader.suiteData : undefined;
    const getDecipher = getDecipherInfo(messageId, suiteData);
    const decipher = getDecipher(headerAuth.headerIv).setAAD(Buffer.from(rawHeader));
    decipher.setAuthTag(Buffer.from(headerAuth.headerAuthTag));
    decipher.update(Buffer.alloc(0));
    decipher.final();
    if (messageHeader.frameLength !== FRAME_BYTES) {
      throw new Error('The frames have another size.');
    }
    return { getDecipher, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** format.md 2.5 */
function requireSuite(suite: NodeAlgorithmSuite, messageId: Uint8Array): void {
  const name = Buffer.from(messageId).toString('hex');
  const { REQUIRE_ENCRYPT_REQUIRE_DECRYPT } = CommitmentPolicy;
  CommitmentPolicySuites.isDecryptEnabled(REQUIRE_ENCRYPT_REQUIRE_DECRYPT, suite, name);
  const { ALLOW_ENCRYPT_FORBID_DECRYPT } = SignaturePolicy;
  SignaturePolicySuites.isDecryptEnabled(ALLOW_ENCRYPT_FORBID_DECRYPT, suite, name);
}

async function* readFrames(
  input: ByteReader,
  header: HeaderInfo,
  getDecipher: GetDecipher,
): AsyncGenerator<Buffer> {
  const buffers = [Buffer.allocUnsafeSlow(FRAME_BYTES), Buffer.allocUnsafeSlow(FRAME_BYTES)];
  for (let number = 1; ; number += 1) {
    const frame = await readFrameHeader(input, header);
    // Frames that changed places would all be right, each by itself.
    if (frame.sequenceNumber !== number || frame.contentLength > FRAME_BYTES) {
      throw new Error('The frames are out of order.');
    }
    const plaintext = buffers[number % 2] as Buffer;
    await readFrame(input, header, getDecipher, frame, plaintext);
    yield plaintext.subarray(0, frame.contentLength);
    if (frame.isFinalFrame) {
      return;
    }
  }
}

async function readFrameHeader(input: ByteReader, header: HeaderInfo): Promise<BodyHeader> {
  let bytes = Buffer.from(await input.read(FRAME_HEADER_BYTES));
  if (bytes.length === FRAME_HEADER_BYTES && bytes.readUInt32BE(0) === LAST_FRAME_MARK) {
    bytes = Buffer.concat([bytes, await input.read(LAST_FRAME_MORE_BYTES)]);
  }
  const frame = decodeBodyHeader(bytes, header, 0);
  if (frame === false) {
    throw new MessageCut('The message ends inside the header of a frame.');
  }
  return frame;
}

/** Decrypts a frame as the network delivers it; nothing of it is used before its tag is checked. */
async function readFrame(
  input: ByteReader,
  { messageHeader }: HeaderInfo,
  getDecipher: GetDecipher,
  { iv, sequenceNumber, contentLength, isFinalFrame, tagLength }: BodyHeader,
  plaintext: Buffer,
): Promise<void> {
  const { messageId, contentType } = messageHeader;
  const kind = messageAADContentString({ contentType, isFinalFrame });
  const aad = messageAAD(messageId, kind, sequenceNumber, contentLength);
  const decipher = getDecipher(iv).setAAD(Buffer.from(aad));
  for (let filled = 0; filled < contentLength; ) {
    if (!(await input.fill())) {
      throw new MessageCut('The message ends inside a frame.');
    }
    const piece = decipher.update(input.take(contentLength - filled));
    filled += piece.copy(plaintext, filled);
    releaseMemory(piece);
  }
  const tagBytes = tagLength / 8;
  const tag = Buffer.from(await input.read(tagBytes));
  if (tag.length < tagBytes) {
    throw new MessageCut('The message ends inside the tag of a frame.');
  }
  decipher.setAuthTag(tag).final();
}
