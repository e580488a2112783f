import { HoldfastError, isFault } from '../domain/errors.ts';
import type { Verification } from '../domain/verification-records.ts';
import type { Services } from '../ports/services.ts';
import { requireSnapshot } from '../registry/find-snapshot.ts';
import { requireVault } from '../registry/find-vault.ts';
import { askCopies } from './ask-copies.ts';
import {
  endVerification,
  requireVerification,
  type VerificationAddress,
} from './end-verification.ts';
import { readSnapshot } from './read-snapshot.ts';
import type { HasTime } from './read-whole.ts';
import { VerificationTally } from './verification-tally.ts';
import { findVerifiedSnapshot } from './verified-snapshot.ts';

type VerifyingServices = Pick<
  Services,
  'clock' | 'copies' | 'custody' | 'ledger' | 'pipeline' | 'telemetry'
>;

/**
 * Carries out a verification and records its result. Its course:
 *
 * 1. read the seal from both copies: it names all other objects
 * 2. ask both copies about every object
 * 3. in a deep one: read every object from both copies, and compare every record
 *
 * One that has no time left is recorded and started again; it goes on where it stopped. Called for
 * one that has ended, it does nothing. What it finds is its result, not an error.
 *
 * @returns the verification as the ledger has it now.
 * @throws HoldfastError `VAULT_UNKNOWN`, `VERIFICATION_UNKNOWN`, `LEDGER_UNAVAILABLE`,
 * `PIPELINE_UNAVAILABLE`; any error that is no HoldfastError.
 */
export async function verifySnapshot(
  services: VerifyingServices,
  address: VerificationAddress,
  hasTime: HasTime,
): Promise<Verification> {
  const { record, version } = await requireVerification(services, address);
  if (record.state !== 'RUNNING') {
    return record;
  }
  const tally = new VerificationTally(record);
  try {
    if (await lookAtAll(services, record, tally, hasTime)) {
      return await endVerification(services, address, tally.result());
    }
    if (isSamePosition(record.position, tally.position)) {
      throw new HoldfastError('VERIFICATION_STUCK', { verificationId: record.verificationId });
    }
  } catch (error) {
    if (isFault(error, 'LEDGER_UNAVAILABLE', 'LEDGER_CONFLICT')) {
      throw error;
    }
    const failure = isFault(error) ? error.code : 'UNEXPECTED';
    const ended = await endVerification(services, address, { ...tally.result(), failure });
    if (isFault(error)) {
      return ended;
    }
    throw error;
  }
  const paused: Verification = { ...record, ...tally.result() };
  await services.ledger.write([{ record: paused, expect: version }]);
  await services.pipeline.startVerification(address.vaultId, address.verificationId);
  return paused;
}

/** @returns whether everything was looked at. */
async function lookAtAll(
  services: VerifyingServices,
  { vaultId, snapshotId, depth, position }: Verification,
  tally: VerificationTally,
  hasTime: HasTime,
): Promise<boolean> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const recorded = await requireSnapshot(services.ledger, vaultId, snapshotId);
  const keys = recorded.keys ?? vault.keys;
  const snapshot = await findVerifiedSnapshot(services, keys, recorded, tally);
  if (snapshot === null) {
    return true;
  }
  if (position === null) {
    await askCopies(services, snapshot, tally, (copy, { size }) => {
      tally.count(copy, depth === 'quick' ? { objects: 1, bytes: size } : {});
    });
  }
  return depth === 'quick' || readSnapshot({ services, snapshot, tally, hasTime });
}

function isSamePosition(
  before: Verification['position'],
  after: Verification['position'],
): boolean {
  return before !== null && before.copy === after?.copy && before.packs === after.packs;
}
