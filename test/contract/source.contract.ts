import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Source, SourceEntry } from '../../shared/ports/source.ts';

/** A source, and its owner's way to change it. */
export interface SourceUnderTest {
  readonly source: Source;
  readonly put: (
    path: string,
    content: string | Uint8Array,
    options?: {
      readonly contentType?: string;
      readonly metadata?: Readonly<Record<string, string>>;
      readonly tags?: Readonly<Record<string, string>>;
    },
  ) => Promise<void>;
  readonly delete: (path: string) => Promise<void>;
}

/**
 * @param open - called for each test; gives an empty source.
 * @param options.isFolder - it takes only paths that are file names, has no content types and tags,
 * tells change by time and not by content, and lists folders as well.
 */
export function describeSourceContract(
  name: string,
  open: () => Promise<SourceUnderTest>,
  { isFolder = false } = {},
): void {
  describe(`source contract: ${name}`, () => {
    let world: SourceUnderTest;
    let source: Source;

    const list = async (): Promise<SourceEntry[]> => {
      const entries = (await Array.fromAsync(source.list())).flat();
      return entries.filter(({ path }) => !isFolder || !path.endsWith('/'));
    };
    const find = async (path: string): Promise<SourceEntry> => {
      const entry = (await list()).find((candidate) => candidate.path === path);
      if (entry === undefined) {
        throw new Error(`The source does not list the record the test put.`);
      }
      return entry;
    };

    beforeEach(async () => {
      world = await open();
      source = world.source;
    });

    test('an empty source lists nothing', async () => {
      expect(await list()).toEqual([]);
    });

    test('a record is listed with its size, its etag and when it was modified', async () => {
      await world.put('合同/2026.txt', '十二字节');
      const [entry] = await list();
      expect(entry).toMatchObject({ path: '合同/2026.txt', size: 12 });
      expect(entry?.etag).not.toBe('');
      // In UTC, and as precise as the source knows it.
      const modified = entry?.modified ?? '';
      expect(modified.replace(/(\.\d{3})\d*Z$/, '$1Z')).toBe(new Date(modified).toISOString());
    });

    test('records are listed in UTF-8 order, whatever characters their paths have', async () => {
      // U+1F600 sorts below U+FF01 by UTF-16 units and above it by UTF-8 bytes.
      const paths = [
        'a b+c',
        'a%2Fb',
        'a//b',
        'a/é',
        'a/日本',
        'a/！',
        'a/😀',
        "a&<>'",
        'a?#=',
        'Z',
      ].filter((path) => !isFolder || !path.includes('//'));
      for (const path of paths) {
        await world.put(path, path);
      }
      const expected = paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect((await list()).map(({ path }) => path)).toEqual(expected);
    });

    test('a range is listed without its beginning and with its end', async () => {
      const paths = ['a', 'a!', 'a/1', 'a/！', 'a/😀', 'b', 'c'];
      for (const path of paths.slice(1)) {
        await world.put(path, path);
      }
      const listed = async (after: string | null, upTo: string | null): Promise<string[]> => {
        const entries = await Array.fromAsync(source.list({ after, upTo }));
        return entries
          .flat()
          .map(({ path }) => path)
          .filter((path) => !path.endsWith('/'));
      };
      expect(await listed(null, null)).toEqual(paths.slice(1));
      // Neither end has to be a path of the source.
      expect(await listed(null, 'a')).toEqual([]);
      expect(await listed('a', 'a/2')).toEqual(['a!', 'a/1']);
      expect(await listed('a/！', 'b')).toEqual(['a/😀', 'b']);
      expect(await listed('a/2', null)).toEqual(['a/！', 'a/😀', 'b', 'c']);
      expect(await listed('c', null)).toEqual([]);
    });

    test.each(['a b+c%20', 'ü/日本😀', "quote'&<>", ...(isFolder ? [] : ['../up']), 'end.'])(
      'a record at the path "%s" is read',
      async (path) => {
        await world.put(path, `content of ${path}`);
        const content = await source.read(await find(path));
        expect((await bodyOf(content)).toString()).toBe(`content of ${path}`);
      },
    );

    test('an empty record is read', async () => {
      await world.put('empty', '');
      expect(await bodyOf(await source.read(await find('empty')))).toHaveLength(0);
    });

    test.skipIf(isFolder)('content type, metadata and tags come along', async () => {
      const contentType = 'application/pdf; charset=utf-8';
      const metadata = { 'case-number': '42', author: 'Li Si' };
      const tags = { class: 'engagement', 'retain for': '10 years+/=' };
      await world.put('report.pdf', 'pdf', { contentType, metadata, tags });
      const content = await source.read(await find('report.pdf'));
      await bodyOf(content);
      expect(content).toMatchObject({ contentType, metadata, tags });
    });

    test.skipIf(isFolder)('a record without metadata and tags has none', async () => {
      await world.put('plain', 'x');
      const content = await source.read(await find('plain'));
      await bodyOf(content);
      expect(content).toMatchObject({ metadata: {}, tags: {} });
    });

    test('a record that changed since it was listed is listed and read again', async () => {
      await world.put('minutes', 'first');
      const entry = await find('minutes');
      await world.put('minutes', 'another');
      const now = await find('minutes');
      expect(now).not.toMatchObject({ etag: entry.etag });
      const content = await source.read(entry);
      const { size, etag } = now;
      expect(content).toMatchObject({ listed: { path: 'minutes', size, etag } });
      expect((await bodyOf(content)).toString()).toBe('another');
    });

    test('a record that vanished since it was listed is not read', async () => {
      await world.put('minutes', 'first');
      const entry = await find('minutes');
      await world.delete('minutes');
      expect(await source.read(entry)).toEqual({ skipped: 'vanished' });
      expect(await list()).toEqual([]);
    });

    test.skipIf(isFolder)('the same content has the same etag', async () => {
      await world.put('a', 'same');
      await world.put('b', 'same');
      const [a, b] = await list();
      expect(a?.etag).toBe(b?.etag);
    });
  });
}

async function bodyOf(content: Awaited<ReturnType<Source['read']>>): Promise<Buffer> {
  if (content === undefined || 'skipped' in content) {
    throw new Error('The source did not give the record.');
  }
  return buffer(content.body);
}
