import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../cli/run-cli.ts';
import { certificateBytes } from '../../shared/format/certificate.ts';
import { sha256Of, signStatement } from '../../shared/format/signed-statement.ts';
import { sampleCertificate } from '../certificate/sample-certificate.ts';
import { MemorySigning } from '../support/memory-signing.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-certificate-'));
const FILE = join(folder, 'certificate.jws');
const KEY = join(folder, 'public.pem');
const bytes = certificateBytes(sampleCertificate());

beforeAll(async () => {
  const signing = new MemorySigning();
  const key = await signing.publicKey();
  const jws = await signStatement('holdfast-certificate', bytes, key, (input) =>
    signing.sign(input),
  );
  writeFileSync(FILE, `${jws}\n`);
  writeFileSync(KEY, key);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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

  test('as JSON: the certificate itself', async () => {
    const { out } = await run('verify', FILE, '--key', KEY, '--json');
    expect(JSON.parse(out)).toMatchObject({
      valid: true,
      payloadSha256: sha256Of(bytes),
      certificate: sampleCertificate(),
    });
  });

  test('writes a page in each language', async () => {
    const { code, out } = await run('verify', FILE, '--key', KEY, '--pages', folder);
    expect(code).toBe(0);
    for (const [language, title] of [
      ['en', 'Certificate of cryptographic erasure'],
      ['zh', '密码擦除证明'],
    ]) {
      const page = join(folder, `${sampleCertificate().certificateId}.${language}.html`);
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
    ['a folder that is not there', ['verify', FILE, '--key', KEY, '--pages', `${folder}/none`]],
    ['no key at all', ['verify', FILE]],
  ])('ends with 2 for %s', async (_case, args) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).not.toBe('');
  });
});
