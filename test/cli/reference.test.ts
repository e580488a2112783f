import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cliReference } from '../../cli/write-reference.ts';

const FILE = join(import.meta.dirname, '../../docs/cli.md');

test('docs/cli.md says what the commands say', async () => {
  const reference = cliReference();
  if (process.env.WRITE_DOCS === '1') {
    await writeFile(FILE, reference);
  }
  expect(
    await readFile(FILE, 'utf8'),
    'docs/cli.md is stale: run WRITE_DOCS=1 npx vitest run test/cli/reference.test.ts',
  ).toBe(reference);
});

test('every command has an example that starts with the command itself', () => {
  const sections = cliReference().split('\n### ').slice(1);
  expect(sections.length).toBeGreaterThan(15);
  for (const section of sections) {
    const name = section.split('\n')[0];
    expect(section).toContain(`Example:\n  holdfast ${name}`);
  }
});
