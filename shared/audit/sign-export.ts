import type { ExportAnswer } from '../admin-api/proof-answers.ts';
import type { QueryOf } from '../admin-api/route-inputs.ts';
import { type ExportStatement, exportStatementBytes } from '../format/audit-bundle.ts';
import { signStatement } from '../format/signed-statement.ts';
import type { Services } from '../ports/services.ts';
import { requireChainOwner } from '../registry/find-chain.ts';
import { findSignedHead } from './find-signed-head.ts';

type ExportServices = Pick<Services, 'ledger' | 'copies' | 'signing' | 'clock' | 'installation'>;

/**
 * Signs that an audit chain was handed out: where it ended, when, and beside which checkpoint. So
 * nobody can cut the file, leave out its checkpoint or put an older one into it. It says what the
 * ledger had, and not that this is true; for that there is the checkpoint.
 *
 * @param chainId - id of a vault or a client, or `installation`.
 * @param query - the last checkpoint up to that day is taken; default: the last one of all.
 * @throws HoldfastError `ID_INVALID`, `CHAIN_UNKNOWN`, `CHECKPOINT_UNKNOWN`, `COPY_UNAVAILABLE`,
 * `COPY_DENIED`, `OBJECT_DAMAGED`, `SIGNATURE_INVALID`, `SIGNING_UNAVAILABLE`.
 */
export async function signExport(
  services: ExportServices,
  chainId: string,
  { date }: QueryOf<'exportAudit'>,
): Promise<ExportAnswer> {
  const { signing, clock, installation } = services;
  // The checkpoint first: the chain's end is then not before it.
  const found = await findSignedHead(services, chainId, date);
  const { audit } = await requireChainOwner(services.ledger, chainId);
  const statement: ExportStatement = {
    format: 1,
    installation: installation.name,
    chainId,
    entries: audit.count,
    head: audit.head,
    exportedAt: clock.now().toISOString(),
    checkpoint: found?.payloadSha256 ?? null,
  };
  const publicKey = await signing.publicKey();
  const signature = await signStatement(
    'holdfast-audit-bundle',
    exportStatementBytes(statement),
    publicKey,
    async (input) => signing.sign(input),
  );
  return {
    head: { entries: audit.count, hash: audit.head },
    checkpoint: found?.head ?? null,
    ...{ signature, publicKey },
  };
}
