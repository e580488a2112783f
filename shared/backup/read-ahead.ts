import type { SkipReason } from '../domain/skip-reason.ts';
import type { ManifestRecord } from '../format/manifest-record.ts';
import type { SkippedRead, Source, SourceContent, SourceEntry } from '../ports/source.ts';
import type { Step } from './compare-with-previous.ts';
import { readExactBody } from './exact-body.ts';

/** Records up to this size are read ahead into memory; larger ones are streamed in their turn. */
const SMALL_BYTES = 1024 * 1024;

/**
 * Most records being read, or read and not yet handed on: at most 16 MiB. One S3 read takes tens of
 * milliseconds, whatever its size.
 */
const MAX_READS = 16;

/** Most records waiting behind one that is being read; carried ones cost next to nothing. */
const MAX_WAITING = 1000;

/** Bytes after which a batch is handed on, so that what was read is held for a short time only. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_RECORDS = 64;

/** A record ready to be written. */
export type Item =
  | { readonly kind: 'carried'; readonly record: ManifestRecord }
  | { readonly kind: 'bytes'; readonly entry: SourceEntry; readonly content: ReadContent }
  /** Last in its batch. `before`: what is carried forward when it cannot be read. */
  | {
      readonly kind: 'stream';
      readonly entry: SourceEntry;
      readonly before?: ManifestRecord | undefined;
    }
  /** It cannot be read, and is left to the next run. */
  | { readonly kind: 'skipped'; readonly entry: SourceEntry; readonly reason: SkipReason };

/** A small record's bytes and what belongs to them. */
export interface ReadContent extends Pick<SourceContent, 'contentType' | 'metadata' | 'tags'> {
  readonly bytes: Buffer;
  readonly release: (() => void) | undefined;
}

/** A record that is being read, or one behind it. */
type Waiting = Item | Promise<Item>;

/**
 * Reads changed records ahead of the writer, within bounds, and yields all in the order of `steps`.
 *
 * @throws what the source throws, when the record concerned has its turn.
 */
export async function* readAhead(
  source: Source,
  vaultId: string,
  steps: AsyncIterable<readonly Step[]>,
): AsyncGenerator<readonly Item[]> {
  const queue: Waiting[] = [];
  const ready = new ReadyItems();
  let reads = 0;
  const takeFirst = async (): Promise<void> => {
    const first = queue[0] as Waiting;
    ready.push(await first);
    queue.shift();
    reads -= first instanceof Promise ? 1 : 0;
  };
  try {
    for await (const batch of steps) {
      for (const step of batch) {
        const item = begin(source, vaultId, step);
        if (queue.length === 0 && !(item instanceof Promise)) {
          ready.push(item);
        } else {
          queue.push(item);
          reads += item instanceof Promise ? 1 : 0;
        }
        while (reads >= MAX_READS || queue.length >= MAX_WAITING) {
          await takeFirst();
          if (ready.isFull) {
            yield ready.take();
          }
        }
        if (ready.isFull) {
          yield ready.take();
        }
      }
      if (!ready.isEmpty) {
        yield ready.take();
      }
    }
    while (queue.length > 0) {
      await takeFirst();
      if (ready.isFull) {
        yield ready.take();
      }
    }
  } catch (error) {
    yield ready.take();
    throw error;
  } finally {
    await Promise.allSettled(queue);
  }
  yield ready.take();
}

/** The batch that is handed on next. */
class ReadyItems {
  #items: Item[] = [];
  #handedOn: readonly Item[] = [];
  #bytes = 0;
  #hasStream = false;

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  get isFull(): boolean {
    return this.#hasStream || this.#bytes >= BATCH_BYTES || this.#items.length >= BATCH_RECORDS;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#bytes += item.kind === 'bytes' ? item.entry.size : 0;
    this.#hasStream ||= item.kind === 'stream';
  }

  /** To be called when the batch before has been written: its memory is used again. */
  take(): readonly Item[] {
    for (const item of this.#handedOn) {
      if (item.kind === 'bytes') {
        item.content.release?.();
      }
    }
    const items = this.#items;
    this.#handedOn = items;
    this.#items = [];
    this.#bytes = 0;
    this.#hasStream = false;
    return items;
  }
}

/** @returns a promise only when there is something to wait for. */
function begin(source: Source, vaultId: string, step: Step): Waiting {
  if (step.kind === 'carried') {
    return step;
  }
  const { entry } = step;
  const before = step.kind === 'repacked' ? step.before : undefined;
  if (entry.size > SMALL_BYTES) {
    return { kind: 'stream', entry, before };
  }
  const found = source.read(entry);
  const read =
    found instanceof Promise
      ? found.then((content) => itemOf(entry, content, vaultId))
      : itemOf(entry, found, vaultId);
  const item = before === undefined ? read : orBefore(read, before);
  if (item instanceof Promise) {
    // Heard when the record has its turn.
    item.catch(() => undefined);
  }
  return item;
}

/** What is packed anew and cannot be read stays where it is: the snapshot must not lose it. */
function orBefore(item: Item | Promise<Item>, before: ManifestRecord): Item | Promise<Item> {
  if (item instanceof Promise) {
    return item.then((read) => orBefore(read, before));
  }
  switch (item.kind) {
    case 'skipped':
      return { kind: 'carried', record: before };
    case 'stream':
      return { ...item, before };
    default:
      return item;
  }
}

function itemOf(
  entry: SourceEntry,
  content: SourceContent | SkippedRead | undefined,
  vaultId: string,
): Item | Promise<Item> {
  if (content === undefined || 'skipped' in content) {
    return { kind: 'skipped', entry, reason: content?.skipped ?? 'changed' };
  }
  const { bytes, listed = entry } = content;
  if (listed.size > SMALL_BYTES) {
    content.body.destroy();
    return { kind: 'stream', entry: listed };
  }
  // `body` is not touched when the bytes are there: making a stream costs more than a small record.
  return bytes === undefined
    ? readBody(listed, content, vaultId)
    : { kind: 'bytes', entry: listed, content: contentOf(content, bytes) };
}

async function readBody(
  entry: SourceEntry,
  content: SourceContent,
  vaultId: string,
): Promise<Item> {
  const bytes = await readExactBody(content.body, entry.size, vaultId);
  const isWhole = content.isWhole?.() ?? true;
  return isWhole
    ? { kind: 'bytes', entry, content: contentOf(content, bytes) }
    : { kind: 'skipped', entry, reason: 'changed' };
}

function contentOf(
  { contentType, metadata, tags, release }: SourceContent,
  bytes: Buffer,
): ReadContent {
  return { contentType, metadata, tags, bytes, release };
}
