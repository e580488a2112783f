import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { headRows, pageSections, wordingOf } from '../shared/certificate/page/page-sections.ts';
import { PAGE_LANGUAGES } from '../shared/certificate/page/page-words.ts';
import { renderPage, type VerifiedCertificate } from '../shared/certificate/page/render-page.ts';
import { ENGLISH } from '../shared/certificate/page/words-en.ts';
import { CliError, usageError } from './cli-error.ts';
import type { Outcome } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { facts, lines, paragraphs } from './render.ts';
import { writeText } from './text-files.ts';

/** @returns what a verified certificate states, and the files that were written from it. */
export function certificateOutcome(
  verified: VerifiedCertificate,
  files: readonly string[],
): Outcome {
  const { certificate, payloadSha256, keyId } = verified;
  const wording = wordingOf(certificate, ENGLISH);
  const rows = [
    ...headRows(certificate, wording),
    ...pageSections(certificate, wording).flatMap((section) => section.rows),
  ].flatMap(([label, values]) =>
    values.map((value, index): [string, string] => [index === 0 ? label.toLowerCase() : '', value]),
  );
  const text =
    lines('The signature is good.') +
    paragraphs(ENGLISH.summary(certificate)) +
    facts([...rows, ['signed sha-256', payloadSha256], ['signing key', keyId]]) +
    lines(`${ENGLISH.sections.outOfScope}:`) +
    paragraphs(...ENGLISH.outOfScope(certificate).map((each) => `- ${each}`)) +
    lines(...files.map((file) => `Written: ${file}`));
  return { json: { valid: true, payloadSha256, keyId, certificate, files }, text };
}

/**
 * The same, and whether a page shows just this certificate: a page is made from the certificate and
 * nothing else, so it is made again and compared.
 * @param page - the text of the HTML file.
 */
export function comparedOutcome(
  verified: VerifiedCertificate,
  files: readonly string[],
  page: string,
): Outcome {
  const language = PAGE_LANGUAGES.find((each) => renderPage(verified, each) === page);
  const { json, text } = certificateOutcome(verified, files);
  const outcome = { json: { ...(json as object), page: language ?? null }, text };
  if (language !== undefined) {
    return { ...outcome, text: text + lines('The page shows this certificate and nothing else.') };
  }
  const failure = new CliError({
    code: 'PAGE_DIFFERS',
    message: 'The page is not the one that this certificate gives.',
    next:
      'It was changed, is of another certificate, or was written by another version of Holdfast. ' +
      'Write the pages anew with "--pages DIR"; only the certificate counts.',
    exitCode: EXIT.damaged,
  });
  return { ...outcome, failure };
}

/**
 * Writes the pages to print, one for each language, into a folder that is made if need be.
 * @returns their names.
 * @throws CliError when the folder cannot be made, or a page not be written.
 */
export async function writePages(
  verified: VerifiedCertificate,
  directory: string,
): Promise<string[]> {
  const { certificateId } = verified.certificate;
  await mkdir(directory, { recursive: true }).catch(() => {
    throw usageError(`${directory} cannot be made.`, 'Name a folder, or a new one.');
  });
  return Promise.all(
    PAGE_LANGUAGES.map(async (language) => {
      const file = join(directory, `${certificateId}.${language}.html`);
      await writeText(file, renderPage(verified, language));
      return file;
    }),
  );
}
