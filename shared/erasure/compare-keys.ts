import { METRICS } from '../config/metric-names.ts';
import { COPY_NAMES, type PerCopy } from '../domain/copy-name.ts';
import type { Erasure } from '../domain/erasure-records.ts';
import { isFault } from '../domain/errors.ts';
import type { Vault } from '../domain/records.ts';
import type { KeyState } from '../ports/key-custody.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { handOver, passOverVaults } from '../registry/pass-over-vaults.ts';
import { findLatestErasure } from './find-erasure.ts';
import { missingKeyEvents } from './missing-key-events.ts';
import { rightKeyStates } from './right-key-states.ts';
import { undoKeyEvent } from './undo-key-event.ts';

/** Name under which it writes into the audit chain. */
const ACTOR = 'holdfast:compare-keys';

/** A key service that leaves so many questions unanswered is down; each is waited for. */
const MOST_UNANSWERED = 20;

type ComparingServices = Pick<
  Services,
  'ledger' | 'clock' | 'custody' | 'telemetry' | 'pipeline' | 'installation'
>;

/** What one invocation has found. A type alias: it is logged as it is. */
export type KeyComparison = {
  readonly vaults: number;
  /** Vaults with a key that is not what the ledger wants. */
  readonly wrong: number;
  /** Keys that were suspended and of which no event came. */
  readonly eventsMissing: number;
  /** Whether another invocation goes on. */
  readonly isHandedOver: boolean;
};

/**
 * Compares, once a day, what the key services say of every vault's keys with what the ledger wants.
 * Key events tell at once what somebody does to a key, but nobody promises that each is delivered:
 * what an event was lost of is found here, while a deletion can still be called off. A difference
 * is recorded in the vault's audit chain as `key.observed`, once a day while it lasts, raises the
 * metric `UnexpectedKeyEvent`, and is undone in the way a key event is.
 *
 * Reports `KeyEventsMissing` as well, see `missingKeyEvents`.
 *
 * @param after - clients up to this id were done by the invocation before. @default none
 * @throws HoldfastError `LEDGER_UNAVAILABLE`; `KEYS_UNAVAILABLE` when a key service does not
 * answer; `PIPELINE_UNAVAILABLE`; `PASS_STUCK`; at the end the first failure of a single vault.
 */
export async function compareKeys(
  services: ComparingServices,
  hasTime: () => boolean,
  after?: string,
): Promise<KeyComparison> {
  let [wrong, eventsMissing, unanswered] = [0, 0, 0];
  const pass = await passOverVaults(
    services,
    { name: 'keys', after, hasTime: () => hasTime() && unanswered < MOST_UNANSWERED },
    async (vault) => {
      const latest = (await findLatestErasure(services.ledger, vault))?.record;
      eventsMissing += latest ? await countMissing(services, vault, latest) : 0;
      try {
        wrong += (await areRight(services, vault, latest)) ? 0 : 1;
      } catch (error) {
        unanswered += isFault(error, 'KEYS_UNAVAILABLE') ? 1 : 0;
        throw error;
      }
      return true;
    },
  );
  const { vaults, failures } = pass;
  if (unanswered >= MOST_UNANSWERED) {
    throw failures.find((failure) => isFault(failure, 'KEYS_UNAVAILABLE'));
  }
  services.telemetry.measure(METRICS.keyEventsMissing, eventsMissing);
  const isHandedOver = await handOver(
    pass,
    { name: 'comparison of keys', after, hasWorked: false },
    (stoppedAfter) => services.pipeline.continuePass('compare-keys', stoppedAfter),
  );
  if (!isHandedOver && failures.length > 0) {
    throw failures[0];
  }
  return { vaults, wrong, eventsMissing, isHandedOver };
}

async function countMissing(
  { ledger, clock, telemetry }: ComparingServices,
  vault: Vault,
  latest: Erasure,
): Promise<number> {
  const missing = await missingKeyEvents(ledger, vault, latest, clock.now());
  for (const copy of missing) {
    telemetry.event('key-event.missing', { vaultId: vault.vaultId, copy });
  }
  return missing.length;
}

/** @returns whether both keys are what they may be; otherwise that was recorded and undone. */
async function areRight(
  services: ComparingServices,
  vault: Vault,
  latest: Erasure | undefined,
): Promise<boolean> {
  if (vault.state === 'ERASED') {
    return true;
  }
  const { clock, custody } = services;
  const states = await custody.states(vault.keys);
  const wrong = COPY_NAMES.map((copy) => ({
    state: states[copy].state,
    right: rightKeyStates(vault, latest, copy, clock.now()),
  })).filter(({ state, right }) => right !== null && !right.includes(state));
  if (wrong.length === 0) {
    return true;
  }
  // Nothing brings back what is gone, and telling it every day would change nothing.
  const changeable = wrong.map(({ state }) => state).filter((state) => state !== 'Gone');
  const today = clock.now().toISOString().slice(0, 10);
  if (!(await recordOnce(services, vault, states, changeable.length > 0 ? today : 'for good'))) {
    return true;
  }
  for (const state of new Set(changeable)) {
    const eventName = state === 'Enabled' ? 'EnableKey' : 'DisableKey';
    await undoKeyEvent(services, vault.vaultId, { eventName, actorArn: null });
  }
  return false;
}

/**
 * Records what the keys were found to be, unless that was done before.
 * @returns whether it stands in the chain; `false` when somebody has written to the vault since it
 * was read, so that it may be what was wanted of the keys: it is compared again the next day.
 */
async function recordOnce(
  services: ComparingServices,
  { vaultId, audit }: Vault,
  { primary, secondary }: PerCopy<KeyState>,
  since: string,
): Promise<boolean> {
  const eventId = `observed ${primary.state} ${secondary.state} ${since}`;
  if ((await services.ledger.get('key-event', vaultId, eventId)) !== undefined) {
    return true;
  }
  const recorded = await changeVault(services, vaultId, async (vault) =>
    vault.audit.count !== audit.count
      ? null
      : {
          vault,
          actor: ACTOR,
          action: 'key.observed',
          details: { primary: primary.state, secondary: secondary.state, expected: false },
          also: [
            {
              record: { kind: 'key-event' as const, chainId: vaultId, eventId, expected: false },
              expect: 'absent' as const,
            },
          ],
          result: true,
        },
  );
  if (recorded !== true) {
    return false;
  }
  services.telemetry.measure(METRICS.unexpectedKeyEvent, 1);
  services.telemetry.event('key-event.observed', {
    vaultId,
    primary: primary.state,
    secondary: secondary.state,
  });
  return true;
}
