import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { adminApiReference } from '../../shared/admin-api/write-reference.ts';

const FILE = join(import.meta.dirname, '../../docs/admin-api.md');

test('docs/admin-api.md says what the routes and schemas say', async () => {
  const reference = adminApiReference();
  if (process.env.WRITE_DOCS === '1') {
    await writeFile(FILE, reference);
  }
  expect(
    await readFile(FILE, 'utf8'),
    'docs/admin-api.md is stale: run WRITE_DOCS=1 npx vitest run test/functions/reference.test.ts',
  ).toBe(reference);
});
