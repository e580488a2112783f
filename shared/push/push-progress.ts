import { Readable } from 'node:stream';
import type { Item } from '../backup/read-ahead.ts';
import type { SkipReason } from '../domain/skip-reason.ts';
import type { SkippedRead, Source, SourceContent, SourceEntry } from '../ports/source.ts';

/** How far a push has come. */
export interface PushProgress {
  /** Records dealt with, carried forward or read, and their bytes. */
  readonly records: number;
  readonly bytes: number;
  /** Of these, what was read. */
  readonly readRecords: number;
  readonly readBytes: number;
  /** Bytes read of the large record that is being read. */
  readonly partBytes: number;
}

type Counting = { -readonly [Field in keyof PushProgress]: PushProgress[Field] };

/** Passes items on and counts each batch when the next one is asked for: it is written then. */
export async function* countItems(
  batches: AsyncIterable<readonly Item[]>,
  progress: Counting,
  tell: (done: PushProgress) => void,
): AsyncGenerator<readonly Item[]> {
  for await (const batch of batches) {
    yield batch;
    progress.partBytes = 0;
    for (const item of batch) {
      if (item.kind === 'skipped') {
        continue;
      }
      const { size } = item.kind === 'carried' ? item.record : item.entry;
      progress.records += 1;
      progress.bytes += size;
      progress.readRecords += item.kind === 'carried' ? 0 : 1;
      progress.readBytes += item.kind === 'carried' ? 0 : size;
    }
    tell(progress);
  }
}

/**
 * The same source; large records tell how far they are read.
 * @param onSkipped - told of every record that was asked for and cannot be had.
 */
export function tellingSource(
  source: Source,
  progress: Counting,
  tell: (done: PushProgress) => void,
  onSkipped: (path: string, reason: SkipReason) => void,
): Source {
  async function* counted(body: Readable): AsyncGenerator<Buffer> {
    progress.partBytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      yield chunk;
      progress.partBytes += chunk.length;
      tell(progress);
    }
  }
  const heard = (
    entry: SourceEntry,
    content: SourceContent | SkippedRead | undefined,
  ): SourceContent | SkippedRead | undefined => {
    if (content === undefined || 'skipped' in content) {
      onSkipped(entry.path, content?.skipped ?? 'changed');
      return content;
    }
    if (content.bytes !== undefined) {
      return content;
    }
    const isWhole = (): boolean => {
      const whole = content.isWhole?.() ?? true;
      if (!whole) {
        onSkipped(entry.path, 'changed');
      }
      return whole;
    };
    const body = Readable.from(counted(content.body), { objectMode: false });
    // A body that nobody reads must be closed all the same.
    body.once('close', () => content.body.destroy());
    return { ...content, body, isWhole };
  };
  return {
    list: (range) => source.list(range),
    read: (entry) => {
      const found = source.read(entry);
      return found instanceof Promise
        ? found.then((content) => heard(entry, content))
        : heard(entry, found);
    },
  };
}
