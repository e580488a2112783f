import type { Certificate } from '../../format/certificate.ts';
import { escapeHtml } from './escape-html.ts';
import { headRows, type PageRow, pageSections, type Wording, wordingOf } from './page-sections.ts';
import { pageStyle } from './page-style.ts';
import type { PageLanguage, PageWords } from './page-words.ts';
import { registerRow } from './register-row.ts';
import { ENGLISH } from './words-en.ts';
import { CHINESE } from './words-zh.ts';

/** An id, an ARN, a hash: more of such characters in a row than any word has. */
const LONG_CODE = /([\w:/.@+=-]{21,})/;

const WORDS: Readonly<Record<PageLanguage, PageWords>> = { en: ENGLISH, zh: CHINESE };

/** A certificate whose signature was found good. */
export interface VerifiedCertificate {
  readonly certificate: Certificate;
  /** Lower-case hex SHA-256 of the signed bytes. */
  readonly payloadSha256: string;
  /** RFC 7638 thumbprint of the signing key. */
  readonly keyId: string;
}

/**
 * The page that people read, print, sign by hand and file: one HTML document that needs nothing
 * else. It is made from a verified certificate only and bears the SHA-256 of the signed bytes, the
 * same in every language.
 */
export function renderPage(verified: VerifiedCertificate, language: PageLanguage): string {
  const words = WORDS[language];
  const { certificate } = verified;
  const wording = wordingOf(certificate, words);
  const title = words.titles[certificate.statement];
  return `${[
    '<!doctype html>',
    `<html lang="${words.lang}">`,
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<title>${escapeHtml(`${title} ${certificate.certificateId}`)}</title>`,
    `<style>\n${pageStyle(verified)}\n</style>`,
    '</head>',
    '<body>',
    head(certificate, wording),
    `<p class="summary">${escapeHtml(words.summary(certificate))}</p>`,
    ...pageSections(certificate, wording).map(({ title: name, rows }) => factTable(name, rows)),
    heading(words.sections.outOfScope),
    list(words.outOfScope(certificate)),
    registerTable(certificate, words),
    signatureTables(words),
    foot(verified, words),
    '</body>',
    '</html>',
  ].join('\n')}\n`;
}

function head(certificate: Certificate, wording: Wording): string {
  const items = headRows(certificate, wording).map(
    ([name, values]) => `<dt>${escapeHtml(name)}</dt><dd>${values.map(show).join('')}</dd>`,
  );
  const title = escapeHtml(wording.words.titles[certificate.statement]);
  return `<header>\n<h1>${title}</h1>\n<dl>${items.join('')}</dl>\n</header>`;
}

function factTable(title: string, rows: readonly PageRow[]): string {
  const lines = rows.map(([label, values]) => {
    const cell = values.map((value) => `<div>${show(value)}</div>`).join('');
    return `<tr><th scope="row">${escapeHtml(label)}</th><td>${cell}</td></tr>`;
  });
  return `${heading(title)}\n<table class="facts">\n${lines.join('\n')}\n</table>`;
}

function registerTable(certificate: Certificate, words: PageWords): string {
  const names = words.register.map((name) => `<th scope="col">${escapeHtml(name)}</th>`);
  const cells = registerRow(certificate, words).map((cell) => `<td>${escapeHtml(cell)}</td>`);
  return [
    heading(words.sections.register),
    '<table class="grid">',
    `<tr>${names.join('')}</tr>`,
    `<tr>${cells.join('')}</tr>`,
    '</table>',
  ].join('\n');
}

function signatureTables(words: PageWords): string {
  const { people, personFields, signatories, signatureLine, witnesses, witnessing } = words;
  const columns = people.slice(1).map(() => '');
  return [
    heading(words.sections.signatures),
    `<p class="note">${escapeHtml(words.signatureNote)}</p>`,
    blankTable(people, personFields, columns),
    blankTable([], signatories, [signatureLine]),
    blankTable(witnessing, witnesses, ['', '']),
  ].join('\n');
}

/** A table to be filled in by hand: the same cells, empty or with a hint, beside every label. */
function blankTable(
  columns: readonly string[],
  labels: readonly string[],
  hints: readonly string[],
): string {
  const names = columns.map((name) => `<th scope="col">${escapeHtml(name)}</th>`);
  const cells = hints.map((hint) => `<td>${escapeHtml(hint)}</td>`).join('');
  return [
    '<table class="grid signatures">',
    ...(names.length > 0 ? [`<tr>${names.join('')}</tr>`] : []),
    ...labels.map((label) => `<tr><th scope="row">${escapeHtml(label)}</th>${cells}</tr>`),
    '</table>',
  ].join('\n');
}

function foot({ payloadSha256, keyId }: VerifiedCertificate, words: PageWords): string {
  const { labels, sections } = words;
  return [
    '<footer>',
    heading(sections.check),
    list(words.check),
    '<table class="facts">',
    `<tr><th scope="row">${escapeHtml(labels.payload)}</th><td>${show(payloadSha256)}</td></tr>`,
    `<tr><th scope="row">${escapeHtml(labels.signingKey)}</th><td>${show(keyId)}</td></tr>`,
    '</table>',
    `<p class="note">${escapeHtml(words.staffNote)}</p>`,
    '</footer>',
  ].join('\n');
}

function heading(text: string): string {
  return `<h2>${escapeHtml(text)}</h2>`;
}

function list(items: readonly string[]): string {
  return `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
}

/** What people compare character by character stands in a fixed-width font. */
function show(value: string): string {
  return value
    .split(LONG_CODE)
    .map((part, index) => {
      const text = escapeHtml(part);
      return index % 2 === 1 ? `<span class="mono">${text}</span>` : text;
    })
    .join('');
}
