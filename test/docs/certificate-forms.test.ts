import { describe, expect, test } from 'vitest';
import { renderPage } from '../../shared/certificate/page/render-page.ts';
import { sampleCertificate } from '../certificate/sample-certificate.ts';
import { readProjectFile } from '../tidy/project-files.ts';

const certificate = sampleCertificate();
const verified = { certificate, payloadSha256: '12'.repeat(32), keyId: 'thumb-print' };
const pages = renderPage(verified, 'en') + renderPage(verified, 'zh');

/** Everything that names something on a page. */
const labels = new Set(
  [...pages.matchAll(/<(?:h2|dt|th scope="(?:row|col)")>(.*?)<\//g)].map(([, label]) => label),
);

/** The rows of the document's table of forms. */
const rows = readProjectFile('docs/certificates.md')
  .split('\n')
  .filter((line) => /^\| (NIST|Art\. 18):/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, asked = '', file = '', page = '']) => ({ asked, file, page }));

function valueAt(path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], {
      ...certificate,
    });
}

test('docs/certificates.md: the forms are there with all their lines', () => {
  expect(rows.filter(({ asked }) => asked.startsWith('NIST')).length).toBeGreaterThan(14);
  expect(rows.filter(({ asked }) => asked.startsWith('Art. 18')).length).toBeGreaterThan(9);
});

describe.each(rows)('docs/certificates.md: $asked', ({ file, page }) => {
  test('every field that is named is in the file', () => {
    for (const [, path = ''] of file.matchAll(/`([\w.]+)`/g)) {
      expect([path, valueAt(path)]).not.toEqual([path, undefined]);
    }
  });

  test('every label that is named is on a page, or it is said why there is none', () => {
    const named = page
      .replaceAll(/blanks?:/g, '')
      .split(/[,;]/)
      .map((label) => label.trim())
      .filter((label) => label !== '');
    expect(named.filter((label) => !labels.has(label))).toEqual([]);
    if (named.length === 0) {
      expect(file).toMatch(/does not apply|left out on purpose/);
    }
  });
});
