import type { SkipReason } from '../domain/skip-reason.ts';
import type { ManifestRecord } from '../format/manifest-record.ts';
import type { Source, SourceContent, SourceEntry } from '../ports/source.ts';
import type { Step } from './compare-with-previous.ts';
import { readExactBody } from './exact-body.ts';

/** Records up to this size are read ahead into memory; larger ones are streamed in their turn. */
const SMALL_BYTES = 1024 * 1024;

/**
 * Most records being read, or read and not yet written: at most 16 MiB. One S3 read takes tens of
 * milliseconds, whatever its size.
 */
const MAX_READS = 16;

/** Most records waiting behind one that is being read; carried ones cost next to nothing. */
const MAX_WAITING = 1000;

/** A record ready to be written. */
export type Item =
  | { readonly kind: 'carried'; readonly record: ManifestRecord }
  | { readonly kind: 'bytes'; readonly entry: SourceEntry; readonly content: ReadContent }
  | { readonly kind: 'stream'; readonly entry: SourceEntry }
  /** It cannot be read, and is left to the next run. */
  | { readonly kind: 'skipped'; readonly entry: SourceEntry; readonly reason: SkipReason };

/** A small record's bytes and what belongs to them. */
export interface ReadContent extends Pick<SourceContent, 'contentType' | 'metadata' | 'tags'> {
  readonly bytes: Buffer;
}

interface Waiting {
  readonly item: Promise<Item>;
  readonly reads: 0 | 1;
}

/**
 * Reads changed records ahead of the writer, within bounds, and yields all in the order of `steps`.
 *
 * @throws what the source throws, when the record concerned has its turn.
 */
export async function* readAhead(
  source: Source,
  vaultId: string,
  steps: AsyncIterable<Step>,
): AsyncGenerator<Item> {
  const queue: Waiting[] = [];
  let reads = 0;
  const next = async (): Promise<Item> => {
    const waiting = queue[0] as Waiting;
    const item = await waiting.item;
    queue.shift();
    reads -= waiting.reads;
    return item;
  };
  try {
    for await (const step of steps) {
      const waiting = begin(source, vaultId, step);
      queue.push(waiting);
      reads += waiting.reads;
      while (reads >= MAX_READS || queue.length >= MAX_WAITING) {
        yield await next();
      }
    }
    while (queue.length > 0) {
      yield await next();
    }
  } finally {
    await Promise.allSettled(queue.map(({ item }) => item));
  }
}

function begin(source: Source, vaultId: string, step: Step): Waiting {
  if (step.kind === 'carried') {
    return { item: Promise.resolve(step), reads: 0 };
  }
  const { entry } = step;
  if (entry.size > SMALL_BYTES) {
    return { item: Promise.resolve({ kind: 'stream', entry }), reads: 0 };
  }
  const item = readSmall(source, vaultId, entry);
  // Heard when the record has its turn.
  item.catch(() => undefined);
  return { item, reads: 1 };
}

async function readSmall(source: Source, vaultId: string, entry: SourceEntry): Promise<Item> {
  const content = await source.read(entry);
  if (content === undefined || 'skipped' in content) {
    return { kind: 'skipped', entry, reason: content?.skipped ?? 'changed' };
  }
  const { contentType, metadata, tags, listed = entry } = content;
  if (listed.size > SMALL_BYTES) {
    content.body.destroy();
    return { kind: 'stream', entry: listed };
  }
  // `body` is not touched when the bytes are there: making a stream costs more than a small record.
  const bytes = content.bytes ?? (await readExactBody(content.body, listed.size, vaultId));
  const isWhole = content.isWhole?.() ?? true;
  return isWhole
    ? { kind: 'bytes', entry: listed, content: { contentType, metadata, tags, bytes } }
    : { kind: 'skipped', entry, reason: 'changed' };
}
