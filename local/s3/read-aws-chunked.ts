import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { LocalAwsError, type SignatureScope } from '../gateway/service.ts';
import { incompleteBody, invalidRequest } from './s3-errors.ts';

/** A chunk's header or a trailer line; S3's own are far shorter. */
const MAX_LINE_BYTES = 16 * 1024;

const EMPTY_SHA256 = createHash('sha256').digest('hex');

/** What the decoder must check besides the framing. */
export interface ChunkedBody {
  readonly source: AsyncIterable<Buffer>;
  /** Given when each chunk, and the trailer if there is one, carries a signature. */
  readonly signature: SignatureScope | undefined;
  /** Trailer headers are added here, names in lower case, once the body has been read. */
  readonly trailer: Map<string, string>;
}

/**
 * Decodes an `aws-chunked` body, as "Signature calculations: transferring payload in multiple
 * chunks" of the S3 reference describes. Yields data as it arrives: a chunk's signature is known
 * to be right only after its last piece, so nothing may be committed before the end.
 * @throws LocalAwsError `SignatureDoesNotMatch` for a changed chunk or trailer
 * @throws LocalAwsError `IncompleteBody` when the body ends early
 * @throws LocalAwsError `InvalidRequest` when it is not aws-chunked
 */
export async function* readAwsChunked(body: ChunkedBody): AsyncGenerator<Buffer> {
  const input = new ByteReader(body.source);
  try {
    yield* readChunks(body, input);
  } finally {
    await input.release();
  }
}

async function* readChunks(body: ChunkedBody, input: ByteReader): AsyncGenerator<Buffer> {
  let previous = body.signature?.seedSignature ?? '';
  for (;;) {
    const { size, signature } = parseChunkHeader(await input.readLine());
    const hash = body.signature === undefined ? undefined : createHash('sha256');
    for (let left = size; left > 0; ) {
      const piece = await input.read(left);
      hash?.update(piece);
      left -= piece.length;
      yield piece;
    }
    if (body.signature !== undefined && hash !== undefined) {
      const content = `${EMPTY_SHA256}\n${hash.digest('hex')}`;
      requireSignature(body.signature, 'PAYLOAD', previous, content, signature);
      previous = signature ?? '';
    }
    if (size === 0) {
      break;
    }
    await requireLineEnd(input);
  }
  await readTrailer(input, body, previous);
}

function parseChunkHeader(line: string): { size: number; signature: string | undefined } {
  const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (match?.[1] === undefined) {
    throw invalidRequest('The body is not aws-chunked: a chunk header was expected.');
  }
  return { size: Number.parseInt(match[1], 16), signature: match[2] };
}

async function requireLineEnd(input: ByteReader): Promise<void> {
  if ((await input.readLine()) !== '') {
    throw invalidRequest('The body is not aws-chunked: a chunk is longer than its header says.');
  }
}

/** Trailer lines end with an empty line or with the body. */
async function readTrailer(input: ByteReader, body: ChunkedBody, previous: string): Promise<void> {
  let signed = '';
  let signature: string | undefined;
  while (!(await input.atEnd())) {
    const line = await input.readLine();
    const colon = line.indexOf(':');
    if (colon === -1) {
      continue;
    }
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'x-amz-trailer-signature') {
      signature = value;
    } else {
      signed += `${name}:${value}\n`;
      body.trailer.set(name, value);
    }
  }
  if (body.signature !== undefined && (signed !== '' || signature !== undefined)) {
    const content = createHash('sha256').update(signed).digest('hex');
    requireSignature(body.signature, 'TRAILER', previous, content, signature);
  }
}

function requireSignature(
  scope: SignatureScope,
  kind: 'PAYLOAD' | 'TRAILER',
  previous: string,
  content: string,
  signature: string | undefined,
): void {
  const toSign = [
    `AWS4-HMAC-SHA256-${kind}`,
    scope.timestamp,
    scope.credentialScope,
    previous,
    content,
  ].join('\n');
  const expected = createHmac('sha256', scope.signingKey).update(toSign).digest('hex');
  const given = Buffer.from(signature ?? '');
  if (given.length !== expected.length || !timingSafeEqual(given, Buffer.from(expected))) {
    throw signatureMismatch();
  }
}

function signatureMismatch(): LocalAwsError {
  return new LocalAwsError(
    'SignatureDoesNotMatch',
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  );
}

/** Reads lines and bounded pieces off a stream of buffers without joining them. */
class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #pending: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async #fill(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done) {
      return false;
    }
    this.#pending =
      this.#pending.length === 0 ? next.value : Buffer.concat([this.#pending, next.value]);
    return true;
  }

  /** Lets go of the source without reading on. */
  async release(): Promise<void> {
    await this.#source.return?.();
  }

  /** True when nothing is left. */
  async atEnd(): Promise<boolean> {
    while (this.#pending.length === 0) {
      if (!(await this.#fill())) {
        return true;
      }
    }
    return false;
  }

  /** At least one byte, at most `most`. */
  async read(most: number): Promise<Buffer> {
    if (await this.atEnd()) {
      throw incompleteBody();
    }
    const piece = this.#pending.subarray(0, most);
    this.#pending = this.#pending.subarray(piece.length);
    return piece;
  }

  /** The next line without its end; a last line may lack one. */
  async readLine(): Promise<string> {
    let end = this.#pending.indexOf('\r\n');
    while (end === -1) {
      if (this.#pending.length > MAX_LINE_BYTES) {
        throw invalidRequest('The body is not aws-chunked: a line is too long.');
      }
      if (!(await this.#fill())) {
        if (this.#pending.length === 0) {
          throw incompleteBody();
        }
        const rest = this.#pending.toString('latin1');
        this.#pending = Buffer.alloc(0);
        return rest;
      }
      end = this.#pending.indexOf('\r\n');
    }
    const line = this.#pending.subarray(0, end).toString('latin1');
    this.#pending = this.#pending.subarray(end + 2);
    return line;
  }
}
