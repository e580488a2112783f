import { z } from 'zod';
import { chainId, finding } from './checkpoint.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

/** Exactly what is hashed: a field besides would be under no signature. */
const entry = z.strictObject({
  chainId,
  sequence: z.int().min(1),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  result: z.enum(['done', 'denied', 'failed']),
  reason: z.string().nullable(),
  requestId: z.string().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  previous: sha256,
  hash: sha256,
});

/** Where a chain stood when a checkpoint was signed, and that it was among what was. */
const signedHead = z.strictObject({
  /** Compact JSON Web Signature of the checkpoint (format.md 9.2). */
  jws: z.string(),
  /** An RFC 3161 answer or token over the SHA-256 of `jws`, base64; `null` without one. */
  timestampToken: z.base64().nullable(),
  /** The head under the checkpoint's root. */
  entries: count,
  head: sha256,
  /** How the chain was found broken first; `null` when it never was. */
  finding: finding.nullable(),
  /** Place of the head among all, and the hashes that lead to the root (RFC 6962 2.1.1). */
  index: count,
  path: z.array(sha256),
});

/** What an auditor takes away and checks without Holdfast (format.md 9.5). */
const schema = z.strictObject({
  format: z.literal(1),
  kind: z.literal('audit-bundle'),
  chainId,
  entries: z.array(entry),
  /** The end of the chain when the bundle was made. */
  head: z.strictObject({ entries: count, hash: sha256 }),
  /** `null` when no checkpoint covers the chain yet. */
  checkpoint: signedHead.nullable(),
  /** Compact JSON Web Signature over an `ExportStatement`; `null` in no file that was exported. */
  signature: z.string().nullable(),
  /** The key that signed both, in PEM. Compare it with the one the firm published. */
  publicKey: z.string(),
});

/** What the signature of a bundle is over (format.md 9.6). */
const exportStatement = z.strictObject({
  format: z.literal(1),
  installation: z.string(),
  chainId,
  /** The end of the chain. */
  entries: count,
  head: sha256,
  exportedAt: z.iso.datetime(),
  /** SHA-256 of what the bundle's checkpoint has signed; `null` when it has none. */
  checkpoint: sha256.nullable(),
});

export type ExportStatement = z.infer<typeof exportStatement>;
export type SignedHead = z.infer<typeof signedHead>;
export type AuditBundle = z.infer<typeof schema>;

/** @returns the text of the file. */
export function auditBundleText(bundle: AuditBundle): string {
  return `${JSON.stringify(bundle, null, 2)}\n`;
}

/** @returns the bundle, `undefined` when the text is none. */
export function parseAuditBundle(text: string): AuditBundle | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** @returns the bytes that are signed. */
export function exportStatementBytes(statement: ExportStatement): Buffer {
  return Buffer.from(JSON.stringify(statement));
}

/** @returns the statement, `undefined` when the bytes are none. */
export function parseExportStatement(bytes: Uint8Array): ExportStatement | undefined {
  try {
    return exportStatement.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
