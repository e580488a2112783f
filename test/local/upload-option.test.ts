import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { clockCommand } from '../../local/clock-command.ts';
import { parseBucket, parseUpload } from '../../local/upload-option.ts';

const root = mkdtempSync(join(tmpdir(), 'holdfast-upload-'));
const folder = join(root, 'missing');
writeFileSync(join(root, 'file'), '');
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('--upload', () => {
  test.each([
    ['s3://firm', ''],
    ['s3://firm/', ''],
    ['s3://firm/a/b', 'a/b/'],
    ['s3://firm/a/b/', 'a/b/'],
  ])('%s names a bucket and a folder in it', (location, prefix) => {
    expect(parseUpload(`${root}=${location}`)).toEqual([{ folder: root, bucket: 'firm', prefix }]);
  });

  test('may be repeated', () => {
    const first = parseUpload(`${root}=s3://one/`);
    expect(parseUpload(`${root}=s3://two/`, first).map(({ bucket }) => bucket)).toEqual([
      'one',
      'two',
    ]);
  });

  test.each([
    ['a folder alone', 'docs', /FOLDER=s3:/],
    ['a location alone', 's3://firm/a/', /FOLDER=s3:/],
    ['a folder that is not there', `${folder}=s3://firm/`, /There is no folder/],
    ['a file', `${join(root, 'file')}=s3://firm/`, /not a folder/],
    ['a name S3 does not take', `${root}=s3://Firm/`, /no name for a bucket/],
  ])('with %s says what is wrong', (_case, text, says) => {
    expect(() => parseUpload(text)).toThrow(says);
  });
});

test('--bucket may be repeated, and takes only names that S3 takes', () => {
  expect(parseBucket('two', parseBucket('one'))).toEqual(['one', 'two']);
  expect(() => parseBucket('a')).toThrow('no name for a bucket');
});

test('a clock nobody keeps is reported with the address', async () => {
  const command = clockCommand('http://127.0.0.1:1', () => {});
  await expect(command.parseAsync(['P1D'], { from: 'user' })).rejects.toThrow(
    'Nothing answers at http://127.0.0.1:1.',
  );
});
