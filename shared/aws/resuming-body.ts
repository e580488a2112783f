import { Readable } from 'node:stream';

/** How often a body may break off before its reader is told. */
const MAX_RESUMES = 3;

/** How to go on reading one fixed version of an object. */
export interface ResumableBody {
  readonly first: Readable;
  /** Bytes the whole body has. */
  readonly size: number;
  /** Opens the same content again, from a byte offset on. */
  readonly reopen: (offset: number) => Promise<Readable>;
  /** Makes the error the reader gets from the last failure. */
  readonly fault: (error: unknown) => Error;
}

/**
 * A body that goes on where it stopped when its connection breaks. Downloads take minutes, so a
 * broken connection is no exception.
 */
export function resumingBody(body: ResumableBody): Readable {
  let current = body.first;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let offset = 0;
    for (let resumes = 0; ; resumes += 1) {
      try {
        for await (const chunk of current) {
          offset += chunk.length;
          yield chunk;
        }
        if (offset === body.size) {
          return;
        }
        throw new Error('The body ended before its size was reached.');
      } catch (error) {
        // A reader that leaves in the middle is told to the generator as an error as well.
        if (readable.destroyed || resumes === MAX_RESUMES || offset >= body.size) {
          throw body.fault(error);
        }
      }
      current = await body.reopen(offset);
    }
  }
  const readable: Readable = Readable.from(chunks(), { objectMode: false });
  // A generator that was never started has no clean-up of its own.
  readable.once('close', () => current.destroy());
  return readable;
}
