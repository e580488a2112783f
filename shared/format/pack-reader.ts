import { pipeline } from 'node:stream/promises';
import { extract as createExtract } from 'tar-stream';
import { HoldfastError } from '../domain/errors.ts';
import { damaged, type Origin } from './origin.ts';

/** A record as a pack holds it. */
export interface PackedRecord {
  readonly name: string;
  /** Plaintext bytes. */
  readonly size: number;
  /** What is not read of it before the next record is asked for is passed over. */
  readonly body: AsyncIterable<Buffer>;
}

/**
 * Unpacks the plaintext of a pack (format.md 3.1), record by record.
 *
 * @throws HoldfastError `OBJECT_DAMAGED`, and whatever `plaintext` throws.
 */
export async function* readPack(
  plaintext: AsyncIterable<Buffer>,
  origin: Origin,
): AsyncGenerator<PackedRecord> {
  const tar = createExtract();
  const flow = pipeline(plaintext, tar);
  flow.catch(() => undefined);
  try {
    for await (const entry of tar) {
      if (entry.header.type !== 'file') {
        throw damaged(origin, 'malformed: it holds something that is not a file');
      }
      yield {
        name: entry.header.name,
        size: entry.header.size ?? 0,
        body: namedFailure(entry as AsyncIterable<Buffer>),
      };
      // What was not read of it must pass before the next record comes.
      entry.resume();
    }
    await flow;
  } catch (error) {
    throw await rootCause(error);
  }

  async function* namedFailure(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try {
      yield* body;
    } catch (error) {
      throw await rootCause(error);
    }
  }

  /** tar only says that its stream was closed; why, the pipeline knows. */
  async function rootCause(error: unknown): Promise<unknown> {
    tar.destroy();
    const cause = await flow.then(
      () => error,
      (failure: unknown) => failure,
    );
    const named = [cause, error].find((one) => one instanceof HoldfastError);
    return named ?? damaged(origin, 'malformed: its tar archive cannot be read', cause);
  }
}
