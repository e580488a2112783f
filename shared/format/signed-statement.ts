import { createHash } from 'node:crypto';
import {
  calculateJwkThumbprint,
  compactVerify,
  decodeProtectedHeader,
  exportJWK,
  importSPKI,
} from 'jose';
import { HoldfastError } from '../domain/errors.ts';

/** What can be signed. The type is under the signature: one cannot be taken for the other. */
export type StatementType =
  | 'holdfast-certificate'
  | 'holdfast-checkpoint'
  | 'holdfast-audit-bundle';

/** Signs bytes: r and s one after the other (see `ports/signing.ts`). */
export type SignBytes = (bytes: Uint8Array) => Promise<Uint8Array>;

/** A statement whose signature was found good. */
export interface OpenedStatement {
  readonly payload: Buffer;
  /** Lower-case hex SHA-256 of the payload's bytes: stands on every printed page. */
  readonly payloadSha256: string;
  /** RFC 7638 thumbprint of the key that it was verified with. */
  readonly keyId: string;
}

/**
 * Signs a statement as a compact JSON Web Signature (RFC 7515 7.1, format.md 8.1).
 * @param publicKey - PEM of the key that `sign` signs with; its thumbprint goes into the header.
 */
export async function signStatement(
  type: StatementType,
  payload: Uint8Array,
  publicKey: string,
  sign: SignBytes,
): Promise<string> {
  const header = JSON.stringify({ alg: 'ES256', kid: await thumbprintOf(publicKey), typ: type });
  const input = `${base64url(Buffer.from(header))}.${base64url(payload)}`;
  return `${input}.${base64url(await sign(Buffer.from(input)))}`;
}

/**
 * Verifies a compact JSON Web Signature with one public key and nothing else: no network, no key
 * that the statement itself names.
 *
 * @throws HoldfastError `INPUT_INVALID` when the key is no P-256 public key in PEM;
 * `SIGNATURE_INVALID` when the statement is malformed, of another type, or not signed by that key
 * (format.md 8.2).
 */
export async function openStatement(
  type: StatementType,
  jws: string,
  publicKey: string,
): Promise<OpenedStatement> {
  const keyId = await thumbprintOf(publicKey);
  if (!isSignedStatement(jws)) {
    const problem = `it is no file of the type ${type}: one has three parts in base64url`;
    throw new HoldfastError('SIGNATURE_INVALID', { problem });
  }
  const verified = await compactVerify(jws.trim(), await readKey(publicKey), {
    algorithms: ['ES256'],
  }).catch(() => {
    throw new HoldfastError('SIGNATURE_INVALID', { problem: 'it was not signed by this key' });
  });
  if (verified.protectedHeader.typ !== type) {
    throw new HoldfastError('SIGNATURE_INVALID', { problem: `it is no ${type}` });
  }
  const payload = Buffer.from(verified.payload);
  return { payload, payloadSha256: sha256Of(payload), keyId };
}

/** @returns whether a text looks like a signed statement at all, of whichever type. */
export function isSignedStatement(jws: string): boolean {
  const [header = '', ...others] = jws.trim().split('.');
  try {
    JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    return others.length === 2 && others.every((part) => /^[\w-]*$/.test(part));
  } catch {
    return false;
  }
}

/**
 * @returns the one of several public keys that a statement says it was signed with; the first when
 * it names none of them. Whether it was, only `openStatement` tells.
 */
export async function namedKey(jws: string, first: string, ...others: readonly string[]) {
  const kid = headerOf(jws)?.kid;
  for (const key of others) {
    if ((await thumbprintOf(key)) === kid) {
      return key;
    }
  }
  return first;
}

function headerOf(jws: string) {
  try {
    return decodeProtectedHeader(jws.trim());
  } catch {
    return undefined;
  }
}

/** @returns the RFC 7638 thumbprint of a public key in PEM. */
export async function thumbprintOf(publicKey: string): Promise<string> {
  return calculateJwkThumbprint(await exportJWK(await readKey(publicKey)));
}

/** @returns lower-case hex SHA-256. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function readKey(publicKey: string) {
  try {
    return await importSPKI(publicKey.trim(), 'ES256', { extractable: true });
  } catch {
    const problems = 'the key is not a public key on P-256 in PEM';
    throw new HoldfastError('INPUT_INVALID', { problems });
  }
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
