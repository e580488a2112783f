import type { Command } from 'commander';
import { verifyCertificate } from '../../shared/certificate/verify-certificate.ts';
import { isSignedStatement } from '../../shared/format/signed-statement.ts';
import { usageError } from '../cli-error.ts';
import { addCommand, type Cli, type Execute, idOption, type Outcome, parseId } from '../command.ts';
import { certificateOutcome, comparedOutcome, writePages } from '../describe-certificate.ts';
import { instant, table } from '../render.ts';
import { readText, writeText } from '../text-files.ts';

/** `certificate list`, `certificate show`, `certificate verify`, `certificate key`. */
export function addCertificateCommands(program: Command, execute: Execute): void {
  const certificate = program
    .command('certificate')
    .description('The signed statements that the keys of a vault were destroyed.');
  addList(certificate, execute);
  addShow(certificate, execute);
  addVerify(certificate, execute);
  addCommand(certificate, {
    name: 'key',
    says:
      'Print the public key that certificates are verified with, in PEM. Give it to auditors. ' +
      'Its id, as certificates and their pages have it, is told on stderr.',
    example: 'holdfast certificate key > public.pem',
  }).action(async (_options: object, command: Command) =>
    execute(command, async ({ call, progress }) => {
      const key = await call('showSigningKey', { params: {} });
      progress(`Key id (RFC 7638): ${key.keyId}`);
      return { json: key, text: key.publicKey };
    }),
  );
}

function addList(certificate: Command, execute: Execute): void {
  addCommand(certificate, {
    name: 'list',
    says: 'List the certificates of a vault, oldest first.',
    example: 'holdfast certificate list --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
  })
    .addOption(idOption('--vault <vault>', 'whose certificates'))
    .action(async ({ vault }: { vault: string }, command: Command) =>
      execute(command, async ({ call }) => {
        const answer = await call('listCertificates', { params: { vaultId: vault } });
        const rows = answer.certificates.map((one) => [
          one.certificateId,
          instant(one.issuedAt),
          one.statement,
          one.payloadSha256,
        ]);
        const header = ['CERTIFICATE', 'ISSUED', 'STATES', 'SIGNED SHA-256'];
        return { json: answer, text: table(header, rows, 'No certificates.') };
      }),
    );
}

interface ShowOptions {
  readonly vault: string;
  readonly save?: string;
  readonly pages?: string;
}

function addShow(certificate: Command, execute: Execute): void {
  addCommand(certificate, {
    name: 'show',
    says: "Verify a certificate with the installation's own key and show what it states.",
    example:
      'holdfast certificate show 01KB1TBV2ZJ4Y6V3N5M2X9W0RC ' +
      '--vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC --save certificate.jws',
  })
    .argument('<certificate>', 'which certificate', parseId)
    .addOption(idOption('--vault <vault>', 'whose certificate'))
    .option('--save <file>', 'also write the certificate itself there')
    .option('--pages <dir>', 'also write pages to print there, in English and Chinese')
    .action(async (certificateId: string, options: ShowOptions, command: Command) =>
      execute(command, async (cli) => showCertificate(cli, certificateId, options)),
    );
}

async function showCertificate(
  { call }: Pick<Cli, 'call'>,
  certificateId: string,
  { vault, save, pages }: ShowOptions,
): Promise<Outcome> {
  const { jws } = await call('showCertificate', { params: { vaultId: vault, certificateId } });
  const { publicKey } = await call('showSigningKey', { params: {} });
  const verified = await verifyCertificate(jws, publicKey);
  // The certificate first: it counts, the pages only show it.
  if (save !== undefined) {
    await writeText(save, jws);
  }
  const written = pages === undefined ? [] : await writePages(verified, pages);
  return certificateOutcome(verified, save === undefined ? written : [save, ...written]);
}

interface VerifyOptions {
  readonly key: string;
  readonly pages?: string;
  readonly page?: string;
}

function addVerify(certificate: Command, execute: Execute): void {
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
    .option('--page <file>', 'also compare a page with it, in HTML, as "--pages" wrote it')
    .action(async (file: string, { key, pages, page }: VerifyOptions, command: Command) =>
      execute(command, async () => {
        const jws = await readText(file);
        if (!isSignedStatement(jws)) {
          throw usageError(`${file} is no certificate.`, 'Name one that "--save" has written.');
        }
        const verified = await verifyCertificate(jws, await readText(key));
        const files = pages === undefined ? [] : await writePages(verified, pages);
        return page === undefined
          ? certificateOutcome(verified, files)
          : comparedOutcome(verified, files, await readText(page));
      }),
    );
}
