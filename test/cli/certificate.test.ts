import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../cli/run-cli.ts';
import { type Certificate, certificateBytes } from '../../shared/format/certificate.ts';
import { sha256Of, signStatement } from '../../shared/format/signed-statement.ts';
import { sampleCertificate, VAULT } from '../certificate/sample-certificate.ts';
import { MemorySigning } from '../support/memory-signing.ts';
import { runAgainst } from './run-fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-certificate-'));
const FILE = join(folder, 'certificate.jws');
const KEY = join(folder, 'public.pem');
const bytes = certificateBytes(sampleCertificate());

const signing = new MemorySigning();

beforeAll(async () => {
  writeFileSync(FILE, `${await signed(sampleCertificate())}\n`);
  writeFileSync(KEY, await signing.publicKey());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function signed(certificate: Certificate): Promise<string> {
  const key = await signing.publicKey();
  const content = certificateBytes(certificate);
  return signStatement('holdfast-certificate', content, key, (input) => signing.sign(input));
}

/** On a machine without any setting: nothing but the files is there. */
async function run(...args: string[]) {
  let [out, err] = ['', ''];
  const code = await runCli({
    args: ['certificate', ...args],
    environment: {},
    writeOut: (text) => {
      out += text;
    },
    writeErr: (text) => {
      err += text;
    },
    sleep: async () => {},
  });
  return { code, out, err };
}

describe('certificate verify', () => {
  test('needs no settings, and prints what is stated', async () => {
    const { code, out } = await run('verify', FILE, '--key', KEY);
    expect(code).toBe(0);
    expect(out).toContain('The signature is good.');
    expect(out).toContain(sha256Of(bytes));
    expect(out).toContain('arn:aws:kms:eu-west-1:111122223333:key/');
    expect(out).toContain('13 object versions, 40,000,223 bytes, unreadable, at least until 2027');
  });

  test('always tells what the certificate does not cover', async () => {
    const { out } = await run('verify', FILE, '--key', KEY);
    expect(out).toContain('What this certificate does not cover:');
    const shown = out.replace(/\n {2}/g, ' ');
    for (const sentence of Object.values(sampleCertificate().outOfScope)) {
      expect(shown).toContain(`- ${sentence}`);
    }
  });

  test('of what was removed: tells which certificate it continues', async () => {
    const continues = {
      certificateId: '01KEZZZZZZ0000000000000008',
      payloadSha256: 'cd'.repeat(32),
    };
    const file = join(folder, 'removed.jws');
    writeFileSync(
      file,
      await signed(
        sampleCertificate({
          statement: 'ciphertext-removed',
          continues,
          ciphertext: { state: 'removed', removedAt: '2027-01-02T09:00:00.000Z' },
        }),
      ),
    );
    const { code, out } = await run('verify', file, '--key', KEY);
    expect(code).toBe(0);
    expect(out.indexOf('named below')).toBeLessThan(out.indexOf(continues.certificateId));
    expect(out).toContain(`continues`);
    expect(out).toContain(`${continues.certificateId}, SHA-256 ${continues.payloadSha256}`);
  });

  test('as JSON: the certificate itself', async () => {
    const { out } = await run('verify', FILE, '--key', KEY, '--json');
    expect(JSON.parse(out)).toMatchObject({
      valid: true,
      payloadSha256: sha256Of(bytes),
      certificate: sampleCertificate(),
    });
  });

  test('writes a page in each language, into a folder that it makes', async () => {
    const pages = join(folder, 'new', 'pages');
    const { code, out } = await run('verify', FILE, '--key', KEY, '--pages', pages);
    expect(code).toBe(0);
    for (const [language, title] of [
      ['en', 'Certificate of cryptographic erasure'],
      ['zh', '密码擦除证明'],
    ]) {
      const page = join(pages, `${sampleCertificate().certificateId}.${language}.html`);
      expect(out).toContain(`Written: ${page}`);
      expect(readFileSync(page, 'utf8')).toContain(`<h1>${title}</h1>`);
    }
  });

  test.each(['en', 'zh'])('compares the %s page with it', async (language) => {
    await run('verify', FILE, '--key', KEY, '--pages', folder);
    const page = join(folder, `${sampleCertificate().certificateId}.${language}.html`);
    const same = await run('verify', FILE, '--key', KEY, '--page', page);
    expect(same.code).toBe(0);
    expect(same.out).toContain('The page shows this certificate and nothing else.');
    const json = await run('verify', FILE, '--key', KEY, '--page', page, '--json');
    expect(JSON.parse(json.out)).toMatchObject({ valid: true, page: language });
    writeFileSync(page, readFileSync(page, 'utf8').replace('2026-11-21', '2026-11-20'));
    const changed = await run('verify', FILE, '--key', KEY, '--page', page);
    expect(changed.code).toBe(6);
    expect(changed.out).toContain('The signature is good.');
    expect(changed.err).toContain('PAGE_DIFFERS');
  });

  test('ends with 6 when it was changed, and writes no page', async () => {
    const forged = join(folder, 'forged.jws');
    const [header, , signature] = readFileSync(FILE, 'utf8').split('.');
    writeFileSync(forged, [header, bytes.toString('base64url').slice(4), signature].join('.'));
    const { code, out, err } = await run('verify', forged, '--key', KEY, '--pages', folder);
    expect(code).toBe(6);
    expect(out).toBe('');
    expect(err).toContain('SIGNATURE_INVALID');
  });

  test.each([
    ['a missing file', ['verify', join(folder, 'none'), '--key', KEY]],
    ['a missing key', ['verify', FILE, '--key', join(folder, 'none')]],
    ['a file that is no key', ['verify', FILE, '--key', FILE]],
    ['a folder that cannot be made', ['verify', FILE, '--key', KEY, '--pages', `${FILE}/none`]],
    ['a file that is no certificate', ['verify', KEY, '--key', KEY]],
    ['no key at all', ['verify', FILE]],
  ])('ends with 2 for %s', async (_case, args) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).not.toBe('');
  });
});

test('certificate show keeps the certificate also when its pages cannot be written', async () => {
  const save = join(folder, 'kept.jws');
  const answering = {
    showCertificate: { jws: readFileSync(FILE, 'utf8') },
    showSigningKey: { publicKey: readFileSync(KEY, 'utf8') },
  };
  const { certificateId } = sampleCertificate();
  const where = ['--vault', VAULT, '--save', save, '--pages', join(FILE, 'none')];
  const ran = await runAgainst(answering, ['certificate', 'show', certificateId, ...where]);
  expect(ran.code).toBe(2);
  expect(readFileSync(save, 'utf8')).toBe(readFileSync(FILE, 'utf8'));
});
