import { execFileSync } from 'node:child_process';
import { extract, type Header } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { paddingOf, TAR_BLOCK, TAR_END, tarHeader } from '../../shared/format/tar-header.ts';

const modified = new Date('2026-10-31T12:34:56.789Z');

/** What tar-stream, which is not ours, makes of a header. */
function decoded(header: Buffer): Promise<Header> {
  return new Promise((resolve, reject) => {
    const reader = extract();
    reader.on('entry', (found) => resolve(found));
    reader.on('error', reject);
    reader.write(header);
  });
}

/** What GNU tar makes of an archive of one file. */
function listed(name: string, content: Buffer): string {
  const padding = TAR_END.subarray(0, paddingOf(content.length));
  const header = tarHeader({ name, size: content.length, modified });
  const archive = Buffer.concat([header, content, padding, TAR_END]);
  const args = ['--list', '--verbose', '--full-time', '--utc', '--quoting-style=literal'];
  return execFileSync('tar', args, { input: archive, env: { LC_ALL: 'C.UTF-8' } })
    .toString()
    .trim();
}

describe('a tar header', () => {
  test.each([
    ['short', 'a.txt', 1],
    ['of 100 bytes', 'n'.repeat(100), 1],
    ['of 101 bytes', 'n'.repeat(101), 3],
    ['of 1,024 bytes', `${'folder/'.repeat(146)}ab`, 5],
    ['not in ASCII', '客户/会议纪要.txt', 3],
  ])('takes a name %s; PAX only where it must', async (_, name, blocks) => {
    const header = tarHeader({ name, size: 7, modified });
    expect(header.length / TAR_BLOCK).toBe(blocks);
    const { name: found, size, mtime, type } = await decoded(header);
    expect({ found, size, type }).toEqual({ found: name, size: 7, type: 'file' });
    expect(mtime?.toISOString()).toBe('2026-10-31T12:34:56.000Z');
  });

  test.each([
    ['the largest that a plain one holds', 0o77777777777, 1],
    ['one byte more', 0o77777777777 + 1, 3],
    ['50 GB', 50e9, 3],
  ])('takes a size: %s', async (_, size, blocks) => {
    const header = tarHeader({ name: 'large', size, modified });
    expect(header.length / TAR_BLOCK).toBe(blocks);
    expect((await decoded(header)).size).toBe(size);
  });

  test.each(['a.txt', '客户/会议纪要.txt', 'n'.repeat(180), ' leading space', 'a\\b'])(
    'is one that GNU tar reads: %s',
    (name) => {
      expect(listed(name, Buffer.from('content'))).toBe(
        `-rw-r--r-- 0/0               7 2026-10-31 12:34:56 ${name}`,
      );
    },
  );
});
