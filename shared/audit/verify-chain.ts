import { type ChainBreak, type ChainEntry, ChainFollower } from '../domain/audit-chain.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { AuditBundle, SignedHead } from '../format/audit-bundle.ts';
import {
  type CheckpointStatement,
  isUnderRoot,
  makeHead,
  parseCheckpointStatement,
} from '../format/checkpoint.ts';
import { openStatement } from '../format/signed-statement.ts';
import { isStampOf } from '../format/time-stamp.ts';

/** What is wrong with a chain. */
export interface AuditProblem {
  /** Sequence number of the first entry concerned. */
  readonly at: number;
  readonly what:
    | ChainBreak['what']
    | 'backdated'
    | 'found-broken'
    | 'not-under-checkpoint'
    | 'other-chain'
    | 'other-export'
    | 'other-stamp'
    | 'unsigned';
  readonly says: string;
}

/** What is proven of a chain. */
export interface VerifiedChain {
  /** The vault or the client whose chain it is, or `installation`. */
  readonly chainId: string;
  readonly entries: number;
  /** Day of the checkpoint; `null` without one. */
  readonly checkpoint: string | null;
  /** So many entries are under the checkpoint's signature; those after it are only chained. */
  readonly covered: number;
  /** RFC 7638 thumbprint of the key; `null` without a checkpoint. */
  readonly keyId: string | null;
  /** Lower-case hex SHA-256 of what the checkpoint has signed; `null` without one. */
  readonly payloadSha256: string | null;
  /** Whether it has a time stamp of the checkpoint. Who stamped it, and when, is not looked at. */
  readonly stamped: boolean;
  /** Empty when everything holds. */
  readonly problems: readonly AuditProblem[];
}

/** Whoever dates an entry writes it in the same invocation, which lasts 15 minutes at most. */
const WRITTEN_WITHIN_MS = 15 * 60 * 1000;

const SAYS: Readonly<Record<ChainBreak['what'], string>> = {
  changed: 'was changed, or does not follow the entry before it',
  missing: 'is missing, and later entries are there',
  'out-of-place': 'is there, but not in its place',
  truncated: 'and all later ones are missing',
  beyond: 'comes after the end of the chain',
};

/** The same of what a checkpoint has found, some time ago. */
const FOUND: Readonly<Record<ChainBreak['what'], string>> = {
  changed: 'was another one than was signed before, or did not follow the entry before it',
  missing: 'was missing, and later entries were there',
  'out-of-place': 'was not in its place',
  truncated: 'and all later ones were missing',
  beyond: 'came after the end of the chain',
};

/** A chain that is to be checked: a bundle, or what the ledger has now. */
export interface ChainInHand extends Pick<AuditBundle, 'chainId' | 'head' | 'checkpoint'> {
  /** In order. Each is looked at once and none is kept. */
  readonly entries: Iterable<ChainEntry> | AsyncIterable<ChainEntry>;
}

/**
 * Checks a chain without Holdfast, a network or the ledger: every entry is what its hash says and
 * follows the one before, and the chain goes through the head that the checkpoint has signed.
 *
 * @param publicKey - the firm's public key in PEM, from elsewhere than the chain.
 * @throws HoldfastError `SIGNATURE_INVALID` when the checkpoint was not signed by that key;
 * `INPUT_INVALID` when the key is none; whatever reading the entries throws.
 */
export async function verifyChain(
  { chainId, head, checkpoint, entries }: ChainInHand,
  publicKey: string,
): Promise<VerifiedChain> {
  const opened = checkpoint && (await openCheckpoint(checkpoint, publicKey));
  const follower = new ChainFollower({ count: head.entries, head: head.hash });
  let seen = 0;
  let then: string | undefined;
  let strange: number | undefined;
  let backdated: AuditProblem | undefined;
  for await (const entry of entries) {
    seen += 1;
    follower.follow(entry);
    strange ??= entry.chainId === chainId ? undefined : entry.sequence;
    then = entry.sequence === checkpoint?.entries ? entry.hash : then;
    if (opened !== null && entry.sequence > (checkpoint?.entries ?? 0)) {
      backdated ??= backdatedProblem(entry, opened.statement);
    }
  }
  const problems = [
    brokenLink(follower.end()),
    strange === undefined ? undefined : otherChain(strange),
  ];
  const facts = { chainId, entries: seen };
  if (checkpoint === null || opened === null) {
    const none = {
      ...{ checkpoint: null, covered: 0, keyId: null, payloadSha256: null, stamped: false },
    };
    return { ...facts, ...none, problems: problems.filter((each) => each !== undefined) };
  }
  const { statement, keyId, payloadSha256 } = opened;
  const unsigned = signedProblem(chainId, seen, then, checkpoint, statement);
  const found = foundBroken(checkpoint);
  const unstamped = stampProblem(checkpoint);
  return {
    ...facts,
    checkpoint: statement.date,
    covered: unsigned === undefined && found === undefined ? checkpoint.entries : 0,
    ...{ keyId, payloadSha256 },
    stamped: checkpoint.timestampToken !== null && unstamped === undefined,
    problems: [...problems, unsigned, found, backdated, unstamped].filter(
      (each) => each !== undefined,
    ),
  };
}

function brokenLink(broken: ChainBreak | undefined): AuditProblem | undefined {
  return broken && { ...broken, says: `Entry ${broken.at} ${SAYS[broken.what]}.` };
}

async function openCheckpoint(
  { jws }: SignedHead,
  publicKey: string,
): Promise<{ statement: CheckpointStatement; keyId: string; payloadSha256: string }> {
  const { payload, ...signed } = await openStatement('holdfast-checkpoint', jws, publicKey);
  const statement = parseCheckpointStatement(payload);
  if (statement === undefined) {
    throw new HoldfastError('SIGNATURE_INVALID', { problem: 'it states no heads' });
  }
  return { statement, ...signed };
}

/**
 * A chain that is whole in itself may still be another one than was signed.
 * @param seen - how many entries there are.
 * @param then - hash of the last entry that was signed, as it is now.
 */
function signedProblem(
  chainId: string,
  seen: number,
  then: string | undefined,
  { entries: count, head, finding, index, path }: SignedHead,
  statement: CheckpointStatement,
): AuditProblem | undefined {
  const signed = makeHead(chainId, { count, head }, finding);
  if (!isUnderRoot(signed, { index, path }, statement)) {
    const says = 'The head that the bundle names is not under the signed checkpoint.';
    return { at: count, what: 'not-under-checkpoint', says };
  }
  if (then === undefined && count > 0) {
    const at = seen + 1;
    const says = `Entries ${at} to ${count} are missing; they were signed on ${statement.date}.`;
    return { at, what: 'truncated', says };
  }
  return count === 0 || then === head
    ? undefined
    : {
        at: count,
        what: 'changed',
        says: `The chain up to entry ${count} is another one than was signed on ${statement.date}.`,
      };
}

/** What was signed since does not heal what was found then. */
function foundBroken({ finding }: SignedHead): AuditProblem | undefined {
  if (finding === null) {
    return undefined;
  }
  const { since, at, what } = finding;
  const says = `On ${since} the chain was found broken: entry ${at} ${FOUND[what]}.`;
  return { at, what: 'found-broken', says };
}

/** What happened before a checkpoint is under it: an entry that is not was put in later. */
function backdatedProblem(
  { sequence, at }: ChainEntry,
  { at: signedAt, date }: CheckpointStatement,
): AuditProblem | undefined {
  if (Date.parse(at) > Date.parse(signedAt) - WRITTEN_WITHIN_MS) {
    return undefined;
  }
  const says = `Entry ${sequence} is dated before the checkpoint of ${date}, which lacks it.`;
  return { at: sequence, what: 'backdated', says };
}

function stampProblem({ jws, timestampToken, entries }: SignedHead): AuditProblem | undefined {
  if (
    timestampToken === null ||
    isStampOf(Buffer.from(timestampToken, 'base64'), Buffer.from(jws))
  ) {
    return undefined;
  }
  const says = 'The time stamp in the bundle is not one of its checkpoint.';
  return { at: entries, what: 'other-stamp', says };
}

function otherChain(at: number): AuditProblem {
  return { at, what: 'other-chain', says: `Entry ${at} belongs to another chain.` };
}
