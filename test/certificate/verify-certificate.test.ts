import { describe, expect, test } from 'vitest';
import { verifyCertificate } from '../../shared/certificate/verify-certificate.ts';
import { type Certificate, certificateBytes } from '../../shared/format/certificate.ts';
import { sha256Of, signStatement } from '../../shared/format/signed-statement.ts';
import { MemorySigning } from '../support/memory-signing.ts';
import { sampleCertificate } from './sample-certificate.ts';

const signing = new MemorySigning();
const publicKey = await signing.publicKey();
const sign = (bytes: Uint8Array) => signing.sign(bytes);

async function issue(certificate: object = sampleCertificate()): Promise<string> {
  const bytes = certificateBytes(certificate as Certificate);
  return signStatement('holdfast-certificate', bytes, publicKey, sign);
}

describe('a certificate', () => {
  test('is verified with the public key alone, and says what was signed', async () => {
    const verified = await verifyCertificate(await issue(), publicKey);
    expect(verified.certificate).toEqual(sampleCertificate());
    expect(verified.payloadSha256).toBe(sha256Of(certificateBytes(sampleCertificate())));
    expect(verified.keyId).toMatch(/^[\w-]{43}$/);
  });

  // format.md 8.1, 8.2
  test('is a compact JSON Web Signature with ES256 whose header names the key', async () => {
    const [header = ''] = (await issue()).split('.');
    const { keyId } = await verifyCertificate(await issue(), publicKey);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'ES256',
      kid: keyId,
      typ: 'holdfast-certificate',
    });
  });

  test('is refused when one character of it was changed, anywhere', async () => {
    const jws = await issue();
    for (const at of [3, Math.floor(jws.length / 2), jws.length - 10]) {
      const other = jws[at] === 'A' ? 'B' : 'A';
      const changed = jws.slice(0, at) + other + jws.slice(at + 1);
      await expect(verifyCertificate(changed, publicKey)).rejects.toMatchObject({
        code: 'SIGNATURE_INVALID',
      });
    }
  });

  test('is refused with the key of another installation', async () => {
    const other = await new MemorySigning().publicKey();
    await expect(verifyCertificate(await issue(), other)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
  });

  test('is refused when it is signed with no algorithm', async () => {
    const [, payload = ''] = (await issue()).split('.');
    const header = Buffer.from('{"alg":"none","typ":"holdfast-certificate"}').toString('base64url');
    await expect(verifyCertificate(`${header}.${payload}.`, publicKey)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
  });

  test('is not taken for another statement of the same key', async () => {
    const bytes = certificateBytes(sampleCertificate());
    const checkpoint = await signStatement('holdfast-checkpoint', bytes, publicKey, sign);
    await expect(verifyCertificate(checkpoint, publicKey)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
      data: { problem: 'it is no holdfast-certificate' },
    });
  });

  test.each([
    ['an empty file', ''],
    ['a page', '<!doctype html>\n<html lang="en"></html>'],
    ['what was signed', JSON.stringify(sampleCertificate())],
    ['two parts', 'eyJhbGciOiJFUzI1NiJ9.e30'],
  ])('%s is no certificate, and is not said to be signed by another', async (_case, text) => {
    await expect(verifyCertificate(text, publicKey)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
      data: { problem: expect.stringContaining('no file of the type holdfast-certificate') },
    });
  });

  test('a file that is no key is told from a bad signature', async () => {
    for (const key of ['', 'no key', await issue()]) {
      await expect(verifyCertificate(await issue(), key)).rejects.toMatchObject({
        code: 'INPUT_INVALID',
      });
    }
  });
});

// format.md 8.3, 8.4
describe('what was signed is no certificate', () => {
  const { outOfScope, evidence, probes, ...rest } = sampleCertificate();
  const limits = Object.keys(outOfScope) as (keyof typeof outOfScope)[];
  test.each<[string, object]>([
    ['without what is out of scope', { ...rest, evidence, probes }],
    ...limits.map((limit): [string, object] => [
      `with the limit "${limit}" left out`,
      { ...rest, evidence, probes, outOfScope: { ...outOfScope, [limit]: undefined } },
    ]),
    [
      'without evidence of one Region',
      { ...rest, probes, outOfScope, evidence: { ...evidence, secondary: null } },
    ],
    [
      'when a decrypt succeeded',
      {
        ...rest,
        evidence,
        outOfScope,
        probes: { ...probes, primary: { ...probes.primary, outcome: 'opened' } },
      },
    ],
    [
      'without an approval',
      { ...sampleCertificate(), erasure: { ...rest.erasure, approvals: [] } },
    ],
    [
      'when who requested it approved it',
      {
        ...sampleCertificate(),
        erasure: {
          ...rest.erasure,
          approvals: [{ by: rest.erasure.requestedBy, at: rest.erasure.requestedAt }],
        },
      },
    ],
    [
      'when who alone brought it about approved it, and a function asked',
      {
        ...sampleCertificate(),
        erasure: {
          ...rest.erasure,
          requestedBy: 'holdfast:end-retention',
          initiatedBy: rest.erasure.approvals.map(({ by, at }) => ({ act: 'closed', by, at })),
        },
      },
    ],
    ['of a later format', { ...sampleCertificate(), format: 2 }],
  ])('%s', async (_case, certificate) => {
    await expect(verifyCertificate(await issue(certificate), publicKey)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
      data: { problem: 'it states no erasure' },
    });
  });

  test('one of the first: less about the law, a record class, a bare ARN', async () => {
    const { subject, legal, erasure, ...others } = sampleCertificate();
    const { clock: _clock, confirmation: _confirmation, ...law } = legal;
    const policy = { id: 'consent-only', version: 1 };
    const requestedBy = 'arn:aws:iam::111122223333:user/operator';
    const jws = await issue({
      ...others,
      erasure: { ...erasure, requestedBy },
      legal: law,
      subject: { ...subject, recordClass: 'client-books', policy },
    });
    const { certificate } = await verifyCertificate(jws, publicKey);
    expect(certificate.erasure.requestedBy).toBe(requestedBy);
    expect(certificate.subject.policy.timeZone).toBe('UTC');
  });

  test('fields that a later version adds are ignored', async () => {
    const jws = await issue({ ...sampleCertificate(), later: 'field' });
    expect((await verifyCertificate(jws, publicKey)).certificate).toEqual(sampleCertificate());
  });
});
