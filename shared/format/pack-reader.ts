import { ByteReader } from './byte-reader.ts';
import { damaged, type Origin } from './origin.ts';
import { isEmptyBlock, parsePax, parseTarHeader, type TarHeader } from './parse-tar-header.ts';
import { paddingOf, TAR_BLOCK } from './tar-header.ts';

/** Records up to this size are taken out of a pack whole. */
export const WHOLE_BYTES = 1024 * 1024;

/** Longest PAX header accepted: far beyond a path of 1,024 bytes, a size and a time. */
const MAX_PAX_BYTES = 64 * 1024;

/** A record as a pack holds it. */
export interface PackedRecord {
  readonly name: string;
  /** Plaintext bytes. */
  readonly size: number;
  /** Its content, when it has at most `WHOLE_BYTES`, otherwise `null`. */
  readonly bytes: Buffer | null;
  /**
   * Its content in pieces, each valid until the next one is asked for. What is not read of it
   * before the next record is asked for is passed over.
   */
  readonly pieces: () => AsyncGenerator<Buffer>;
}

/**
 * Unpacks the plaintext of a pack (format.md 3.1), record by record.
 *
 * @param plaintext - each chunk need be valid only until the next one is asked for.
 * @throws HoldfastError `OBJECT_DAMAGED`, and whatever `plaintext` throws.
 */
export async function* readPack(
  plaintext: AsyncIterable<Buffer>,
  origin: Origin,
): AsyncGenerator<PackedRecord> {
  const input = new ByteReader(plaintext);
  try {
    for (;;) {
      const header = await readHeader(input, origin);
      if (header === undefined) {
        break;
      }
      const content = new EntryContent(input, header.size, origin);
      const isWhole = header.size <= WHOLE_BYTES;
      const bytes = isWhole ? (content.wholeNow() ?? (await content.whole())) : null;
      yield {
        name: header.name,
        size: header.size,
        bytes,
        pieces: () => (bytes === null ? content.pieces() : only(bytes)),
      };
      if (!content.endNow()) {
        await content.end();
      }
    }
    // Damage behind the archive is damage to the object as well.
    while (await input.fill()) {
      input.take(Number.POSITIVE_INFINITY);
    }
  } finally {
    await input.close();
  }
}

/** @returns the next file, `undefined` at the end of the archive. */
async function readHeader(input: ByteReader, origin: Origin): Promise<TarHeader | undefined> {
  let pax: ReadonlyMap<string, string> | undefined;
  for (;;) {
    const block = input.takeWhole(TAR_BLOCK) ?? (await input.read(TAR_BLOCK));
    const isEnd = block.length === 0 || (block.length === TAR_BLOCK && isEmptyBlock(block));
    if (isEnd && pax === undefined) {
      return undefined;
    }
    const header = block.length === TAR_BLOCK ? parseTarHeader(block) : undefined;
    if (header === undefined || (header.type === 'x' && header.size > MAX_PAX_BYTES)) {
      throw unreadable(origin);
    }
    if (header.type === '0') {
      return withPax(header, pax, origin);
    }
    if (header.type !== 'x') {
      throw damaged(origin, 'malformed: it holds something that is not a file');
    }
    const content = new EntryContent(input, header.size, origin);
    pax = parsePax(await content.whole());
    await content.end();
    if (pax === undefined) {
      throw unreadable(origin);
    }
  }
}

function withPax(
  { name, size, type }: TarHeader,
  pax: ReadonlyMap<string, string> | undefined,
  origin: Origin,
): TarHeader {
  const paxSize = Number(pax?.get('size') ?? size);
  if (!Number.isSafeInteger(paxSize) || paxSize < 0) {
    throw unreadable(origin);
  }
  return { name: pax?.get('path') ?? name, size: paxSize, type };
}

/** What follows a header: so many bytes, and then padding. */
class EntryContent {
  readonly #input: ByteReader;
  readonly #size: number;
  readonly #origin: Origin;
  #taken = 0;

  constructor(input: ByteReader, size: number, origin: Origin) {
    this.#input = input;
    this.#size = size;
    this.#origin = origin;
  }

  /** @returns what `whole` does, without waiting; `undefined` when not all of it is there. */
  wholeNow(): Buffer | undefined {
    const view = this.#input.takeWhole(this.#size);
    this.#taken = view?.length ?? 0;
    return view && Buffer.from(view);
  }

  /** @returns all of it, in memory of its own. */
  async whole(): Promise<Buffer> {
    const bytes = Buffer.from(await this.#input.read(this.#size));
    this.#taken = bytes.length;
    this.#require(bytes.length === this.#size);
    return bytes;
  }

  async *pieces(): AsyncGenerator<Buffer> {
    while (this.#taken < this.#size) {
      this.#require(await this.#input.fill());
      const piece = this.#input.take(this.#size - this.#taken);
      this.#taken += piece.length;
      yield piece;
    }
  }

  /** @returns whether nothing but padding was left, and was there. */
  endNow(): boolean {
    const isRead = this.#taken === this.#size;
    return isRead && this.#input.takeWhole(paddingOf(this.#size)) !== undefined;
  }

  /** Passes over what was not read. */
  async end(): Promise<void> {
    const rest = this.#size - this.#taken + paddingOf(this.#size);
    this.#taken = this.#size;
    this.#require((await this.#input.skip(rest)) === rest);
  }

  #require(isThere: boolean): void {
    if (!isThere) {
      throw unreadable(this.#origin);
    }
  }
}

function unreadable(origin: Origin): Error {
  return damaged(origin, 'malformed: its tar archive cannot be read');
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
