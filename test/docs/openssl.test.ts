import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { certificateBytes } from '../../shared/format/certificate.ts';
import { sha256Of, signStatement } from '../../shared/format/signed-statement.ts';
import { sampleCertificate } from '../certificate/sample-certificate.ts';
import { MemorySigning } from '../support/memory-signing.ts';
import { readProjectFile } from '../tidy/project-files.ts';

/** The blocks of the document, word for word. */
const [verify = '', show = '', header = '', keyId = ''] = [
  ...readProjectFile('docs/certificates.md').matchAll(/^```sh\n([\s\S]*?)^```$/gm),
].map(([, block]) => block);

const folder = mkdtempSync(join(tmpdir(), 'holdfast-openssl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.info('checking certificates with openssl is skipped: openssl is not installed here');
    return false;
  }
}

function run(script: string): string {
  return execFileSync('sh', ['-e', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

describe.skipIf(!hasOpenssl())('docs/certificates.md: with openssl alone', () => {
  const bytes = certificateBytes(sampleCertificate());

  async function writeFiles(): Promise<string> {
    const signing = new MemorySigning();
    const key = await signing.publicKey();
    const sign = (input: Uint8Array) => signing.sign(input);
    const jws = await signStatement('holdfast-certificate', bytes, key, sign);
    writeFileSync(join(folder, 'certificate.jws'), jws);
    writeFileSync(join(folder, 'public.pem'), key);
    return jws;
  }

  test('a certificate is verified, and shown with its SHA-256', async () => {
    // Signatures differ in length in DER; a few tries meet the shorter ones too.
    for (let number = 0; number < 6; number += 1) {
      await writeFiles();
      expect(run(verify)).toContain('Verified OK');
    }
    expect(run(show)).toContain(sha256Of(bytes));
    expect(run('cat statement.json')).toBe(bytes.toString('utf8'));
  });

  test('the header is shown, and the id of the key computed', async () => {
    const jws = await writeFiles();
    const { kid } = JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString());
    run(verify);
    expect(JSON.parse(run(header))).toEqual({ alg: 'ES256', kid, typ: 'holdfast-certificate' });
    expect(run(`KEY=public.pem\n${keyId}`)).toBe(kid);
  });

  test('a certificate with a changed date is refused', async () => {
    const [header, payload = '', signature] = (await writeFiles()).split('.');
    const changed = Buffer.from(payload, 'base64url')
      .toString()
      .replace('2026-12-02', '2026-12-01');
    const forged = [header, Buffer.from(changed).toString('base64url'), signature].join('.');
    writeFileSync(join(folder, 'certificate.jws'), forged);
    const refused = spawnSync('sh', ['-e', '-c', verify], { cwd: folder, encoding: 'utf8' });
    expect(refused.stdout).toContain('Verification failure');
    expect(refused.status).not.toBe(0);
  });
});
