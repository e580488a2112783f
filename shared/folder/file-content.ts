import { type BigIntStats, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { SourceContent, SourceEntry } from '../ports/source.ts';
import { fileMetadata } from './file-metadata.ts';

/** Bytes read at once from a file that is not read whole. */
const CHUNK_BYTES = 512 * 1024;

/** @returns how a path is listed. @param size - bytes of its record. */
export function entryOf(path: string, size: number, stats: BigIntStats): SourceEntry {
  return { path, size, etag: etagOf(stats), modified: isoOf(stats.mtimeNs) };
}

/** To the microsecond, as precise as times can be set again; without zeros that say nothing. */
function isoOf(nanoseconds: bigint): string {
  const microseconds = Number(nanoseconds / 1000n);
  const micros = microseconds - Math.floor(microseconds / 1000) * 1000;
  const iso = new Date((microseconds - micros) / 1000).toISOString();
  return micros > 0 ? `${iso.slice(0, -1)}${String(micros).padStart(3, '0')}Z` : iso;
}

/** @returns what changes with every change; see `FolderSource`. */
export function etagOf({ ino, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino}-${mtimeNs}-${ctimeNs}`;
}

/**
 * @returns a record whose bytes are in memory.
 * @param release - as `SourceContent` has it. Default: the memory is theirs.
 */
export function wholeContent(
  listed: SourceEntry,
  bytes: Buffer,
  stats: BigIntStats,
  release: () => void = () => undefined,
): SourceContent {
  return {
    listed,
    bytes,
    release,
    get body() {
      return Readable.from(bytes.length === 0 ? [] : [bytes], { objectMode: false });
    },
    contentType: null,
    metadata: fileMetadata(stats),
    tags: {},
  };
}

/** @returns a record that is read while it is asked for; the handle is closed with its body. */
export function largeContent(
  handle: FileHandle,
  listed: SourceEntry,
  stats: BigIntStats,
): SourceContent {
  const { size, etag } = listed;
  let isWhole = true;
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < size; ) {
      const wanted = Math.min(CHUNK_BYTES, size - at);
      const buffer = Buffer.allocUnsafe(wanted);
      // An error of the disk ends the file here, and not the push of all others.
      const { bytesRead } = await handle
        .read(buffer, 0, wanted, at)
        .catch(() => ({ bytesRead: 0 }));
      isWhole &&= bytesRead > 0;
      // Its place in the pack has the listed size: a file that shrank is filled up with zeros.
      yield bytesRead > 0 ? buffer.subarray(0, bytesRead) : Buffer.alloc(wanted);
      at += bytesRead > 0 ? bytesRead : wanted;
    }
    isWhole &&= etagOf(await handle.stat({ bigint: true })) === etag;
  }
  const body = Readable.from(chunks(), { objectMode: false });
  // Also when nobody has begun to read it.
  body.once('close', () => void handle.close().catch(() => undefined));
  return {
    listed,
    body,
    isWhole: () => isWhole,
    contentType: null,
    metadata: fileMetadata(stats),
    tags: {},
  };
}

/** Fills `bytes` from a file. @returns whether it had that many. */
export function readFull(descriptor: number, bytes: Buffer): boolean {
  let at = 0;
  while (at < bytes.length) {
    const count = readSync(descriptor, bytes, at, bytes.length - at, at);
    if (count === 0) {
      return false;
    }
    at += count;
  }
  return true;
}

/** @returns whether bytes are text that can be written back as it was. */
export function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8')).equals(bytes);
}
