import type { AuditEntryAnswer, AuditPage } from '../shared/admin-api/answers.ts';
import { PAGE_LIMIT } from '../shared/admin-api/route-inputs.ts';
import type { VerifiedBundle } from '../shared/audit/verify-bundle.ts';
import type { AuditBundle } from '../shared/format/audit-bundle.ts';
import { CliError } from './cli-error.ts';
import type { Cli, Outcome } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { facts, lines } from './render.ts';

/**
 * Gathers all that an auditor needs to check an audit chain without Holdfast. The chain is
 * taken as it stands with the first page; what is written meanwhile is left out.
 *
 * @param date - take the last checkpoint up to that day; default: the last one of all.
 */
export async function gatherBundle(
  { call }: Pick<Cli, 'call'>,
  chainId: string,
  date?: string,
): Promise<AuditBundle> {
  const params = { chainId };
  const { checkpoint } = await call('showCheckpoint', {
    params,
    query: date === undefined ? {} : { date },
  });
  const { publicKey } = await call('showSigningKey', { params: {} });
  const entries: AuditEntryAnswer[] = [];
  let first: AuditPage['chain'] | undefined;
  for (let after: number | null = 0; after !== null; ) {
    const query = { after, limit: PAGE_LIMIT.most };
    const page: AuditPage = await call('showAudit', { params, query });
    first ??= page.chain;
    entries.push(...page.entries);
    after = page.next;
  }
  const head = { entries: first?.entries ?? 0, hash: first?.head ?? '' };
  const bundle: AuditBundle = {
    format: 1,
    kind: 'audit-bundle',
    chainId,
    entries: entries
      .filter(({ sequence }) => sequence <= head.entries)
      .map((entry) => ({ ...entry, details: { ...entry.details } })),
    head,
    checkpoint: checkpoint && { ...checkpoint, path: [...checkpoint.path] },
    publicKey,
  };
  return bundle;
}

/**
 * @param isOwnKey - the key came with the bundle, and proves only that the bundle fits itself.
 * @returns what was found, as a failure when something does not hold.
 */
export function bundleOutcome(verified: VerifiedBundle, isOwnKey: boolean): Outcome {
  const { chainId, entries, checkpoint, covered, keyId, stamped, problems } = verified;
  const ownKey =
    isOwnKey && keyId !== null
      ? ['The key came with the file: compare its thumbprint with the one the firm published.']
      : [];
  const text =
    facts([
      ['chain', chainId],
      ['entries', String(entries)],
      ['checkpoint', checkpoint ?? 'none yet'],
      ['signed', `the first ${covered} entries`],
      ['signing key', keyId ?? '-'],
      ['time stamp', stamped ? 'of this checkpoint; "openssl ts -verify" checks whose' : 'none'],
    ]) +
    lines(
      ...problems.map(({ says }) => says),
      ...(problems.length === 0 ? ['The chain is whole.'] : []),
      ...ownKey,
    );
  const outcome = { json: { whole: problems.length === 0, ...verified }, text };
  const [worst] = problems;
  return worst === undefined ? outcome : { ...outcome, failure: auditBroken(worst.says) };
}

/** @returns the failure of a chain that does not hold. */
export function auditBroken(message: string): CliError {
  return new CliError({
    code: 'AUDIT_BROKEN',
    message,
    next: 'Find out who could write to the ledger; its point-in-time recovery has older states.',
    exitCode: EXIT.damaged,
  });
}
