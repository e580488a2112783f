import type { AuditEntryAnswer, AuditPage } from '../shared/admin-api/answers.ts';
import type { SignedHeadAnswer } from '../shared/admin-api/proof-answers.ts';
import { PAGE_LIMIT } from '../shared/admin-api/route-inputs.ts';
import type { VerifiedBundle } from '../shared/audit/verify-bundle.ts';
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
 */
export async function openChain(
  { call }: Pick<Cli, 'call'>,
  chainId: string,
): Promise<ChainInHand> {
  const { checkpoint } = await call('showCheckpoint', { params: { chainId }, query: {} });
  const first = await pageAfter({ call }, chainId, 0);
  const head = { entries: first.chain.entries, hash: first.chain.head };
  const entries = entriesFrom({ call }, chainId, first, head.entries);
  return { ...{ chainId, head, entries }, checkpoint: ownCopy(checkpoint) };
}

async function pageAfter(
  { call }: Pick<Cli, 'call'>,
  chainId: string,
  after: number,
): Promise<AuditPage> {
  return call('showAudit', { params: { chainId }, query: { after, limit: PAGE_LIMIT.most } });
}

async function* entriesFrom(
  cli: Pick<Cli, 'call'>,
  chainId: string,
  first: AuditPage,
  last: number,
): AsyncGenerator<AuditEntryAnswer> {
  let page = first;
  for (;;) {
    yield* page.entries.filter(({ sequence }) => sequence <= last);
    if (page.next === null || page.next >= last) {
      return;
    }
    page = await pageAfter(cli, chainId, page.next);
  }
}

function ownCopy(checkpoint: SignedHeadAnswer | null): ChainInHand['checkpoint'] {
  return checkpoint && { ...checkpoint, path: [...checkpoint.path] };
}

/**
 * Gathers all that an auditor needs to check an audit chain without Holdfast. The chain is taken as
 * it stood when its export was signed.
 *
 * @param date - take the last checkpoint up to that day; default: the last one of all.
 */
export async function gatherBundle(
  cli: Pick<Cli, 'call'>,
  chainId: string,
  date?: string,
): Promise<AuditBundle> {
  const { head, checkpoint, signature, publicKey } = await cli.call('exportAudit', {
    params: { chainId },
    query: date === undefined ? {} : { date },
  });
  const first = await pageAfter(cli, chainId, 0);
  const entries: AuditBundle['entries'] = [];
  for await (const entry of entriesFrom(cli, chainId, first, head.entries)) {
    entries.push({ ...entry, details: { ...entry.details } });
  }
  return {
    format: 1,
    kind: 'audit-bundle',
    ...{ chainId, entries, head: { ...head } },
    checkpoint: ownCopy(checkpoint),
    ...{ signature, publicKey },
  };
}

/** Where a chain was found that does not hold decides what to do next. */
const NEXT = {
  ledger: 'Find out who could write to the ledger; its point-in-time recovery has older states.',
  file: 'Ask the firm for the file anew; if that does not hold either, ask what it says to that.',
} as const;

/**
 * @param from - what was verified: a chain of the ledger, or a file.
 * @param isOwnKey - the key came with the bundle, and proves only that the bundle fits itself.
 * @returns what was found, as a failure when something does not hold.
 */
export function bundleOutcome(
  verified: VerifiedChain | VerifiedBundle,
  from: keyof typeof NEXT,
  isOwnKey = false,
): Outcome {
  const { chainId, entries, checkpoint, keyId, stamped, problems } = verified;
  const ownKey =
    isOwnKey && keyId !== null
      ? ['The key came with the file: compare its thumbprint with the one the firm published.']
      : [];
  const text =
    facts([
      ['chain', chainId],
      ['entries', String(entries)],
      ['checkpoint', checkpoint ?? 'none yet'],
      ['signing key', keyId ?? '-'],
      ['time stamp', stamped ? 'of this checkpoint; "openssl ts -verify" checks whose' : 'none'],
    ]) +
    lines(
      ...whatIsSigned(verified),
      ...problems.map(({ says }) => says),
      ...(problems.length === 0 ? ['The chain is whole.'] : []),
      ...ownKey,
    );
  const outcome = { json: { whole: problems.length === 0, ...verified }, text };
  const [worst] = problems;
  return worst === undefined ? outcome : { ...outcome, failure: auditBroken(worst.says, from) };
}

function whatIsSigned(verified: VerifiedChain | VerifiedBundle): string[] {
  const { covered, entries, checkpoint } = verified;
  const byCheckpoint =
    checkpoint === null || covered === 0
      ? 'No entry is signed by a checkpoint'
      : `The first ${covered} of ${entries} entries are signed by the checkpoint of ${checkpoint}`;
  if (!('exportedAt' in verified)) {
    return [`${byCheckpoint}.`];
  }
  return verified.exportedAt === null
    ? [`${byCheckpoint}; the file as a whole by nothing.`]
    : [`${byCheckpoint}; the file as a whole by the export's signature of ${verified.exportedAt}.`];
}

/** @returns the failure of a chain that does not hold. */
export function auditBroken(message: string, from: keyof typeof NEXT): CliError {
  const facts = { code: 'AUDIT_BROKEN', message, exitCode: EXIT.damaged };
  return new CliError({ ...facts, next: NEXT[from] });
}
