import { z } from 'zod';
import { chainId, finding } from './checkpoint.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

const entry = z.object({
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
const signedHead = z.object({
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
const schema = z.object({
  format: z.literal(1),
  kind: z.literal('audit-bundle'),
  chainId,
  entries: z.array(entry),
  /** The end of the chain when the bundle was made. */
  head: z.object({ entries: count, hash: sha256 }),
  /** `null` when no checkpoint covers the chain yet. */
  checkpoint: signedHead.nullable(),
  /** The key that signed the checkpoint, in PEM. Compare it with the one the firm published. */
  publicKey: z.string(),
});

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
