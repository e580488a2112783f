import { pMapIterable } from 'p-map';
import { COPY_NAMES } from '../domain/copy-name.ts';
import { daysAfter } from '../domain/lock.ts';
import { CERTIFICATES, CHECKPOINTS, tombstoneKey } from '../format/object-keys.ts';
import type { Copy, CopyListing } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';
import { handOver, passOverVaults } from '../registry/pass-over-vaults.ts';
import { proofLockDays } from './write-proof.ts';

/** A lock is extended when it has become this much shorter than it may be: once a month. */
const STEP_DAYS = 30;

/** Locks that allow for no such step are extended when half of them is over. */
const HALF = 2;

/** How often a lock is looked at within a step, so that a look may fail. */
const LOOKS_PER_STEP = 3;

/** Locks of one copy looked at side by side. */
const LOOKS_AT_ONCE = 16;

const DAY_MS = 24 * 60 * 60 * 1000;

type RenewalServices = Pick<
  Services,
  'ledger' | 'clock' | 'copies' | 'installation' | 'telemetry' | 'pipeline'
>;

/** What one invocation has done. A type alias: it is logged as it is. */
export type ProofRenewal = {
  /** Copies of proofs whose day it was. */
  readonly looked: number;
  readonly extended: number;
  /** Whether another invocation goes on. */
  readonly isHandedOver: boolean;
};

/**
 * Keeps certificates, checkpoints and tombstones locked for as long as the installation lives:
 * extends every lock that has become a month shorter than both copies allow. Each proof has its
 * days, some of every month, so that S3 is not asked after all of them each day for ever.
 *
 * @param after - clients up to this id were done by the invocation before, and what belongs to no
 * vault. @default none
 * @throws HoldfastError `LEDGER_UNAVAILABLE`, `PIPELINE_UNAVAILABLE`, `PASS_STUCK`; at the end of
 * the last invocation its first failure with a proof: `COPY_UNAVAILABLE`, `COPY_DENIED`,
 * `OBJECT_MISSING`.
 */
export async function renewProofs(
  services: RenewalServices,
  hasTime: () => boolean,
  after?: string,
): Promise<ProofRenewal> {
  const renewal = new Renewal(services);
  if (after === undefined) {
    await renewal.renewBelow(CERTIFICATES);
    await renewal.renewBelow(CHECKPOINTS);
  }
  const pass = await passOverVaults(
    services,
    { name: 'proofs', after, hasTime },
    async ({ vaultId, state }) => {
      const key = tombstoneKey(vaultId);
      if (state === 'ERASED' && renewal.isItsDay(key)) {
        await renewal.renewBelow(key);
      }
      return true;
    },
  );
  const { looked, extended } = renewal;
  const failures = [...renewal.failures, ...pass.failures];
  const isHandedOver = await handOver(
    { ...pass, failures },
    { name: 'renewal of proofs', after, hasWorked: extended > 0 },
    (stoppedAfter) => services.pipeline.continuePass('renew-proofs', stoppedAfter),
  );
  if (!isHandedOver && failures.length > 0) {
    throw failures[0];
  }
  return { looked, extended, isHandedOver };
}

/** One invocation's renewal. A failure with one proof keeps no other from its turn. */
class Renewal {
  looked = 0;
  extended = 0;
  readonly failures: unknown[] = [];
  readonly #copies: Services['copies'];
  readonly #now: Date;
  readonly #lockDays: number;
  readonly #stepDays: number;

  constructor({ copies, clock, installation }: RenewalServices) {
    this.#copies = copies;
    this.#now = clock.now();
    this.#lockDays = proofLockDays(installation);
    this.#stepDays = Math.min(STEP_DAYS, this.#lockDays / HALF);
  }

  /** Whether a proof is looked at today: which days are its own follows from its name. */
  isItsDay(key: string): boolean {
    const every = Math.max(1, Math.floor(this.#stepDays / LOOKS_PER_STEP));
    const own = Buffer.from(key).reduce((sum, byte) => sum + byte, 0);
    return (Math.floor(this.#now.getTime() / DAY_MS) + own) % every === 0;
  }

  /** Renews the proofs below a prefix whose day it is, in both copies. */
  async renewBelow(prefix: string): Promise<void> {
    for (const name of COPY_NAMES) {
      const copy = this.#copies[name];
      try {
        const renewed = pMapIterable(
          this.#due(copy, prefix),
          (listed) => this.#renew(copy, listed),
          {
            concurrency: LOOKS_AT_ONCE,
          },
        );
        for await (const failure of renewed) {
          this.failures.push(...failure);
        }
      } catch (error) {
        this.failures.push(error);
      }
    }
  }

  async *#due(copy: Copy, prefix: string): AsyncGenerator<CopyListing> {
    for await (const listed of copy.list(prefix)) {
      if (!listed.isDeleteMarker && this.isItsDay(listed.key)) {
        yield listed;
      }
    }
  }

  /** @returns what kept it from being renewed, if anything did. */
  async #renew(copy: Copy, { key, versionId }: CopyListing): Promise<unknown[]> {
    try {
      const state = await copy.inspect(key, versionId);
      this.looked += state === undefined ? 0 : 1;
      const enough = daysAfter(this.#now, this.#lockDays - this.#stepDays);
      if (state?.lockedUntil && state.lockedUntil < enough) {
        await copy.extendLock(key, versionId, daysAfter(this.#now, this.#lockDays));
        this.extended += 1;
      }
      return [];
    } catch (error) {
      return [error];
    }
  }
}
