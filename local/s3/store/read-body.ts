import { once } from 'node:events';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { BATCH_BYTES, type BodyFiles, type BodySegment } from './body-files.ts';

/**
 * The bytes `start` to `end`, both included, of a body made of segments. Files are opened one
 * after the other, so an object of 10,000 parts needs one descriptor.
 */
export async function* readBody(
  files: BodyFiles,
  segments: readonly BodySegment[],
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  let offset = 0;
  for (const { id, size } of segments) {
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, size - 1);
    offset += size;
    if (from > to) {
      continue;
    }
    if (to - from < BATCH_BYTES) {
      yield readPiece(files.pathOf(id), from, to - from + 1);
      continue;
    }
    const stream = createReadStream(files.pathOf(id), {
      start: from,
      end: to,
      highWaterMark: BATCH_BYTES,
    });
    try {
      yield* stream;
    } finally {
      if (!stream.closed) {
        stream.destroy();
        await once(stream, 'close');
      }
    }
  }
}

function readPiece(path: string, position: number, size: number): Buffer {
  const piece = Buffer.allocUnsafe(size);
  const file = openSync(path, 'r');
  try {
    let done = 0;
    while (done < size) {
      const count = readSync(file, piece, done, size - done, position + done);
      if (count === 0) {
        throw new Error('a body file is shorter than its metadata says');
      }
      done += count;
    }
  } finally {
    closeSync(file);
  }
  return piece;
}
