import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../shared/backup/compare-with-previous.ts';
import { type Item, readAhead } from '../../shared/backup/read-ahead.ts';
import type { Source, SourceEntry } from '../../shared/ports/source.ts';
import { recordOf } from '../contract/target.contract.ts';

const MODIFIED = '2026-10-31T12:34:56.000Z';

function changed(path: string, size = 4): Step {
  return { kind: 'changed', entry: { path, size, etag: 'x', modified: MODIFIED } };
}

/** A source that answers in an order of its own and counts its open reads. */
class SlowSource implements Source {
  open = 0;
  mostOpen = 0;
  failing: string | undefined;

  async *list(): AsyncGenerator<readonly SourceEntry[]> {}

  async read({ path, size }: SourceEntry) {
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    for (let turn = 0; turn < path.length % 5; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.open -= 1;
    if (path === this.failing) {
      throw new Error('the source failed');
    }
    const body = Readable.from([Buffer.alloc(size)]);
    return { body, contentType: null, metadata: {}, tags: {} };
  }
}

async function* stepsOf(steps: readonly Step[], size = 25): AsyncGenerator<readonly Step[]> {
  for (let start = 0; start < steps.length; start += size) {
    yield steps.slice(start, start + size);
  }
}

async function itemsOf(source: Source, steps: readonly Step[]): Promise<Item[]> {
  return (await Array.fromAsync(readAhead(source, 'V', stepsOf(steps)))).flat();
}

function pathOf(item: Item): string {
  if (item.kind === 'skipped') {
    return 'skipped';
  }
  return item.kind === 'carried' ? item.record.path : item.entry.path;
}

describe('reading ahead', () => {
  const paths = Array.from({ length: 60 }, (_, index) => `${'p'.repeat(index % 7)}${index}`);

  test('reads several records at once, sixteen at most, and keeps their order', async () => {
    const source = new SlowSource();
    const items = await itemsOf(
      source,
      paths.map((path) => changed(path)),
    );
    expect(items.map(pathOf)).toEqual(paths);
    expect(source.mostOpen).toBeGreaterThan(8);
    expect(source.mostOpen).toBeLessThanOrEqual(16);
  });

  test('carried and large records keep their place and are not read', async () => {
    const source = new SlowSource();
    const record = recordOf('b', Buffer.alloc(1));
    const large = changed('c', 2_000_000);
    const steps: Step[] = [changed('a'), { kind: 'carried', record }, large, changed('d')];
    const items = await itemsOf(source, steps);
    expect(items.map(({ kind }) => kind)).toEqual(['bytes', 'carried', 'stream', 'bytes']);
    expect(items.map(pathOf)).toEqual(['a', 'b', 'c', 'd']);
    expect(source.mostOpen).toBeLessThanOrEqual(2);
  });

  test('a failure comes in its turn, and no read goes on behind it', async () => {
    const source = new SlowSource();
    source.failing = paths[30];
    const seen: string[] = [];
    const reading = (async () => {
      const steps = stepsOf(paths.map((path) => changed(path)));
      for await (const items of readAhead(source, 'V', steps)) {
        seen.push(...items.map(pathOf));
      }
    })();
    await expect(reading).rejects.toThrow('the source failed');
    expect(seen).toEqual(paths.slice(0, 30));
    expect(source.open).toBe(0);
  });
});
