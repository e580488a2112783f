import type { AuditEntryAnswer, AuditPage } from '../shared/admin-api/answers.ts';
import { PAGE_LIMIT } from '../shared/admin-api/route-inputs.ts';
import type { ChainInHand, VerifiedChain } from '../shared/audit/verify-chain.ts';
import type { AuditBundle } from '../shared/format/audit-bundle.ts';
import { CliError } from './cli-error.ts';
import type { Cli, Outcome } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { facts, lines } from './render.ts';

/**
 * Takes an audit chain as it stands in the ledger with its first page; what is written meanwhile is
 * left out. The other pages are asked for as the entries are looked at, so that a chain of any
 * length can be checked.
 *
 * @param date - take the last checkpoint up to that day; default: the last one of all.
 */
export async function openChain(
  { call }: Pick<Cli, 'call'>,
  chainId: string,
  date?: string,
): Promise<ChainInHand> {
  const params = { chainId };
  const { checkpoint } = await call('showCheckpoint', {
    params,
    query: date === undefined ? {} : { date },
  });
  const pageAfter = async (after: number): Promise<AuditPage> =>
    call('showAudit', { params, query: { after, limit: PAGE_LIMIT.most } });
  const first = await pageAfter(0);
  const head = { entries: first.chain.entries, hash: first.chain.head };
  return {
    ...{ chainId, head, entries: entriesFrom(first, head.entries, pageAfter) },
    checkpoint: checkpoint && { ...checkpoint, path: [...checkpoint.path] },
  };
}

async function* entriesFrom(
  first: AuditPage,
  last: number,
  pageAfter: (after: number) => Promise<AuditPage>,
): AsyncGenerator<AuditEntryAnswer> {
  let page = first;
  for (;;) {
    yield* page.entries.filter(({ sequence }) => sequence <= last);
    if (page.next === null || page.next >= last) {
      return;
    }
    page = await pageAfter(page.next);
  }
}

/**
 * Gathers all that an auditor needs to check an audit chain without Holdfast.
 * @param date - take the last checkpoint up to that day; default: the last one of all.
 */
export async function gatherBundle(
  cli: Pick<Cli, 'call'>,
  chainId: string,
  date?: string,
): Promise<AuditBundle> {
  const { entries, ...chain } = await openChain(cli, chainId, date);
  const { publicKey } = await cli.call('showSigningKey', { params: {} });
  const gathered: AuditBundle['entries'] = [];
  for await (const entry of entries) {
    gathered.push({ ...entry, details: { ...entry.details } });
  }
  return { format: 1, kind: 'audit-bundle', ...chain, entries: gathered, publicKey };
}

/**
 * @param isOwnKey - the key came with the bundle, and proves only that the bundle fits itself.
 * @returns what was found, as a failure when something does not hold.
 */
export function bundleOutcome(verified: VerifiedChain, isOwnKey: boolean): Outcome {
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
