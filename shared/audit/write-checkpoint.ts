import { METRICS } from '../config/metric-names.ts';
import {
  type CheckpointFile,
  type CheckpointStatement,
  checkpointBytes,
  checkpointFileBytes,
  rootOf,
} from '../format/checkpoint.ts';
import { checkpointKey } from '../format/object-keys.ts';
import { signStatement } from '../format/signed-statement.ts';
import type { Services } from '../ports/services.ts';
import { locateProof } from '../proof/locate-proof.ts';
import { readObject } from '../proof/read-object.ts';
import { writeProof } from '../proof/write-proof.ts';
import { type CheckedChains, checkChains } from './check-chains.ts';
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
 * 3. writes it to both copies, locked.
 * Called again on the same day, it completes what the first call has written and signs nothing.
 *
 * A chain that does not hold is named in the checkpoint, for ever, and raises the metric
 * `BrokenChains`. The heads are signed as they are: the next day is compared with these.
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
  telemetry.measure(METRICS.brokenChains, checked.broken.length);
  const bytes = written ?? (await makeCheckpoint(services, date, now, previous, checked));
  await writeProof(services, {
    key: checkpointKey(date),
    bytes,
    contentType: 'application/json',
    from: new Date(`${date}T00:00:00.000Z`),
  });
  telemetry.measure(METRICS.checkpointGapDays, gapDays(date, previous));
  return { chains: checked.heads.length, broken: checked.broken.length };
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
  { heads, broken }: CheckedChains,
): Promise<Buffer> {
  const statement: CheckpointStatement = {
    format: 1,
    installation: installation.name,
    date,
    at: now.toISOString(),
    chains: heads.length,
    root: rootOf(heads),
    broken: broken.map(({ chainId }) => chainId),
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
    heads: heads.map(([chainId, entries, head]) => [chainId, entries, head]),
  };
  return checkpointFileBytes(file);
}

/** Days without a checkpoint between the last one and this one. */
function gapDays(date: string, previous: FoundCheckpoint | undefined): number {
  return previous === undefined
    ? 0
    : (Date.parse(date) - Date.parse(previous.statement.date)) / DAY_MS - 1;
}

function dayBefore(date: string): string {
  return new Date(Date.parse(date) - DAY_MS).toISOString().slice(0, 10);
}
