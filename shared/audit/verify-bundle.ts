import { HoldfastError } from '../domain/errors.ts';
import {
  type AuditBundle,
  type ExportStatement,
  parseExportStatement,
} from '../format/audit-bundle.ts';
import { openStatement } from '../format/signed-statement.ts';
import { type AuditProblem, type VerifiedChain, verifyChain } from './verify-chain.ts';

/** What an audit bundle proves. */
export interface VerifiedBundle extends VerifiedChain {
  /** When it was handed out, under the export's signature; `null` when that does not hold. */
  readonly exportedAt: string | null;
}

/**
 * Checks a bundle without Holdfast, a network or the ledger: its chain as `verifyChain` does, and
 * that it is the file that was handed out, with this end and this checkpoint (format.md 9.6).
 *
 * @param publicKey - the firm's public key in PEM, from elsewhere than the bundle.
 * @throws HoldfastError `SIGNATURE_INVALID` when the checkpoint or the export was not signed by
 * that key; `INPUT_INVALID` when the key is none.
 */
export async function verifyBundle(
  bundle: AuditBundle,
  publicKey: string,
): Promise<VerifiedBundle> {
  const verified = await verifyChain(bundle, publicKey);
  if (bundle.signature === null) {
    return {
      ...verified,
      problems: [...verified.problems, unsigned(bundle)],
      exportedAt: null,
    };
  }
  const { payload, keyId } = await openStatement(
    'holdfast-audit-bundle',
    bundle.signature,
    publicKey,
  );
  const statement = parseExportStatement(payload);
  if (statement === undefined) {
    throw new HoldfastError('SIGNATURE_INVALID', { problem: 'it states no chain' });
  }
  const other = otherExport(bundle, verified, statement);
  return {
    ...verified,
    keyId,
    problems: [...verified.problems, ...(other === undefined ? [] : [other])],
    exportedAt: other === undefined ? statement.exportedAt : null,
  };
}

function unsigned({ checkpoint }: AuditBundle): AuditProblem {
  const says =
    checkpoint === null
      ? 'Nothing in this file is signed.'
      : "The file as a whole is not signed: it has no export's signature.";
  return { at: (checkpoint?.entries ?? 0) + 1, what: 'unsigned', says };
}

function otherExport(
  { chainId, head }: AuditBundle,
  { payloadSha256 }: VerifiedChain,
  signed: ExportStatement,
): AuditProblem | undefined {
  if (signed.chainId !== chainId || signed.entries !== head.entries || signed.head !== head.hash) {
    const says = `The chain is another one than was exported at ${signed.exportedAt}.`;
    return { at: Math.min(signed.entries, head.entries), what: 'other-export', says };
  }
  if (signed.checkpoint !== payloadSha256) {
    const says = `The checkpoint is not the one that was exported at ${signed.exportedAt}.`;
    return { at: 1, what: 'other-export', says };
  }
  return undefined;
}
