import { METRICS } from '../config/metric-names.ts';
import { INSTALLATION_CHAIN } from '../domain/audit-chain.ts';
import {
  type CheckpointFile,
  type CheckpointStatement,
  checkpointBytes,
  checkpointFileBytes,
  type Head,
  rootOf,
} from '../format/checkpoint.ts';
import { checkpointKey } from '../format/object-keys.ts';
import { signStatement } from '../format/signed-statement.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { locateProof } from '../proof/locate-proof.ts';
import { readObject } from '../proof/read-object.ts';
import { writeProof } from '../proof/write-proof.ts';
import { type CheckedChains, checkChains } from './check-chains.ts';
import { completeCheckpoints } from './complete-checkpoints.ts';
import { type FoundCheckpoint, findCheckpoint } from './find-checkpoint.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export type CheckpointServices = Pick<
  Services,
  'ledger' | 'clock' | 'copies' | 'signing' | 'telemetry' | 'installation'
>;

/**
 * Writes the checkpoint of a day:
 * 1. checks every audit chain against the checkpoint before;
 * 2. signs the Merkle root over all heads;
 * 3. writes it to both copies, locked;
 * 4. completes what one copy missed of the days before.
 * Called again on the same day, it completes what the first call has written and signs nothing.
 *
 * A chain that does not hold is marked in this checkpoint and in every later one, and raises the
 * metric `BrokenChains` each day. The heads are signed as they are: the next day is compared with
 * these, which finds what is changed again.
 *
 * @returns how many chains it covers, and how many chains do not hold.
 * @throws HoldfastError `SIGNING_UNAVAILABLE`, `COPY_UNAVAILABLE`, `COPY_DENIED`,
 * `LEDGER_UNAVAILABLE`; `SIGNATURE_INVALID` when the checkpoint before does not hold.
 */
export async function writeCheckpoint(
  services: CheckpointServices,
): Promise<{ chains: number; broken: number }> {
  const { clock, telemetry } = services;
  const now = clock.now();
  const date = now.toISOString().slice(0, 10);
  const written = await findToday(services, date);
  const previous = await findCheckpoint(services, dayBefore(date));
  const checked = await checkChains(services, previous?.file.heads ?? []);
  for (const { chainId, break: found } of checked.broken) {
    telemetry.event('audit.broken', { chainId, at: found.at, what: found.what });
  }
  const broken = brokenAmong(checked.heads);
  telemetry.measure(METRICS.brokenChains, broken);
  const bytes = written ?? (await makeCheckpoint(services, date, now, previous, checked));
  await writeProof(services, {
    key: checkpointKey(date),
    bytes,
    contentType: 'application/json',
    from: new Date(`${date}T00:00:00.000Z`),
  });
  telemetry.measure(METRICS.checkpointGapDays, await gapDays(services, date, previous));
  await completeCheckpoints(services);
  return { chains: checked.heads.length, broken };
}

async function findToday(services: CheckpointServices, date: string): Promise<Buffer | undefined> {
  const key = checkpointKey(date);
  const located = await locateProof(services, key);
  return located && readObject(located.copy, key, located.versionId);
}

async function makeCheckpoint(
  { signing, installation }: CheckpointServices,
  date: string,
  now: Date,
  previous: FoundCheckpoint | undefined,
  { heads }: CheckedChains,
): Promise<Buffer> {
  const statement: CheckpointStatement = {
    format: 1,
    installation: installation.name,
    date,
    at: now.toISOString(),
    chains: heads.length,
    root: rootOf(heads),
    broken: brokenAmong(heads),
    previous: previous
      ? { date: previous.statement.date, payloadSha256: previous.payloadSha256 }
      : null,
  };
  const publicKey = await signing.publicKey();
  const jws = await signStatement(
    'holdfast-checkpoint',
    checkpointBytes(statement),
    publicKey,
    (input) => signing.sign(input),
  );
  const file: CheckpointFile = {
    format: 1,
    jws,
    timestampToken: null,
    heads: heads.map(([chainId, entries, head, finding]) =>
      finding === undefined ? [chainId, entries, head] : [chainId, entries, head, finding],
    ),
  };
  return checkpointFileBytes(file);
}

function brokenAmong(heads: readonly Head[]): number {
  return heads.filter(([, , , finding]) => finding !== undefined).length;
}

/**
 * Days without a checkpoint between the last one and this one. Where there is none before, all days
 * count since anything was registered: a line that begins anew is a line that was lost.
 */
async function gapDays(
  { ledger }: CheckpointServices,
  date: string,
  previous: FoundCheckpoint | undefined,
): Promise<number> {
  const last = previous?.statement.date ?? (await firstDay(ledger)) ?? date;
  return Math.max(0, (Date.parse(date) - Date.parse(last)) / DAY_MS - 1);
}

/** @returns the day of the first client or of the first entry that belongs to none. */
async function firstDay(ledger: Ledger): Promise<string | undefined> {
  const entry = await ledger.get('audit', INSTALLATION_CHAIN, 1);
  const days = entry === undefined ? [] : [entry.record.at.slice(0, 10)];
  // Ids begin with their time: the first client is the oldest.
  for await (const { record } of ledger.list('client', null)) {
    days.push(record.registeredAt.slice(0, 10));
    break;
  }
  return days.toSorted()[0];
}

function dayBefore(date: string): string {
  return new Date(Date.parse(date) - DAY_MS).toISOString().slice(0, 10);
}
