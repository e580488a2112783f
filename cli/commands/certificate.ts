import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { pageSections } from '../../shared/certificate/page/page-sections.ts';
import { PAGE_LANGUAGES } from '../../shared/certificate/page/page-words.ts';
import { renderPage, type VerifiedCertificate } from '../../shared/certificate/page/render-page.ts';
import { ENGLISH } from '../../shared/certificate/page/words-en.ts';
import { verifyCertificate } from '../../shared/certificate/verify-certificate.ts';
import { usageError } from '../cli-error.ts';
import { addCommand, type Execute, type Outcome } from '../command.ts';
import { facts, lines } from '../render.ts';

interface VerifyOptions {
  readonly key: string;
  readonly pages?: string;
}

/** `certificate verify`. */
export function addCertificateCommands(program: Command, execute: Execute): void {
  const certificate = program
    .command('certificate')
    .description('The signed statements that the keys of a vault were destroyed.');

  addCommand(certificate, {
    name: 'verify',
    says:
      'Verify the signature of a certificate and show what it states. Works offline: it needs ' +
      'the file and the public key of whoever issued it, and no account.',
    example: 'holdfast certificate verify 01KB1T8R9ZJ4Y6V3N5M2X9W0RC.jws --key public.pem',
  })
    .argument('<file>', 'the certificate, as it lies in the copies')
    .requiredOption('--key <file>', 'public key in PEM, from whoever issued it')
    .option('--pages <dir>', 'also write pages to print there, in English and Chinese')
    .action(async (file: string, options: VerifyOptions, command: Command) =>
      execute(command, async () => {
        const [jws, key] = [await readText(file), await readText(options.key)];
        const verified = await verifyCertificate(jws, key);
        const pages = options.pages === undefined ? [] : await writePages(verified, options.pages);
        return outcomeOf(verified, pages);
      }),
    );
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => {
    throw usageError(`${file} cannot be read.`);
  });
}

/** @returns the files written, one for each language. */
async function writePages(verified: VerifiedCertificate, directory: string): Promise<string[]> {
  const { certificateId } = verified.certificate;
  const written = PAGE_LANGUAGES.map(async (language) => {
    const file = join(directory, `${certificateId}.${language}.html`);
    await writeFile(file, renderPage(verified, language)).catch(() => {
      throw usageError(`${file} cannot be written.`, 'Name a folder that exists.');
    });
    return file;
  });
  return Promise.all(written);
}

function outcomeOf(verified: VerifiedCertificate, pages: readonly string[]): Outcome {
  const { certificate, payloadSha256, keyId } = verified;
  const rows = pageSections(certificate, ENGLISH).flatMap(({ rows: each }) =>
    each.flatMap(([label, values]) =>
      values.map((value, index): [string, string] => [
        index === 0 ? label.toLowerCase() : '',
        value,
      ]),
    ),
  );
  const text =
    lines('The signature is good.') +
    facts([
      ['certificate', certificate.certificateId],
      ['issued', certificate.issuedAt],
      ...rows,
      ['signed SHA-256', payloadSha256],
      ['signing key', keyId],
    ]) +
    lines(ENGLISH.summary(certificate), ...pages.map((page) => `Page: ${page}`));
  return { json: { valid: true, payloadSha256, keyId, certificate, pages }, text };
}
