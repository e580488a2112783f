import { pMapIterable } from 'p-map';
import { HoldfastError, isFault } from '../domain/errors.ts';
import type { Vault } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { vaultsOf } from './every-vault.ts';

/**
 * Clients worked on side by side, the vaults of each one after the other: a small vault costs a few
 * round trips and hardly any work.
 */
const CLIENTS_AT_ONCE = 8;

export interface PassOptions {
  /** What the pass is called in events, such as `renewal`. */
  readonly name: string;
  /** Clients up to this id were done by the invocation before. @default none */
  readonly after?: string | undefined;
  /** Asked before each vault. */
  readonly hasTime: () => boolean;
  /** Clients worked on side by side. @default 8 */
  readonly clientsAtOnce?: number;
}

/** How a pass ended. */
export interface PassEnd {
  /**
   * `null` when every vault was done. Otherwise all are up to this id, of the client or the vault,
   * whichever the pass goes by; an empty text: none.
   */
  readonly stoppedAfter: string | null;
  /** What went wrong with single vaults; it kept no other from its turn. */
  readonly failures: readonly unknown[];
}

export interface PassResult extends PassEnd {
  readonly vaults: number;
}

/**
 * Does a work on every vault, client by client in the order of their ids, so that the next
 * invocation can go on where this one ran out of time. The work must bear being repeated: of the
 * clients behind the one it ran out of time with, some may have been done.
 *
 * @param work - returns `false` when it ran out of time.
 * @throws HoldfastError `LEDGER_UNAVAILABLE` when clients or vaults cannot be listed.
 */
export async function passOverVaults(
  { ledger, telemetry }: Pick<Services, 'ledger' | 'telemetry'>,
  { name, after = '', hasTime, clientsAtOnce = CLIENTS_AT_ONCE }: PassOptions,
  work: (vault: Vault) => Promise<boolean>,
): Promise<PassResult> {
  const failures: unknown[] = [];
  const unlisted: unknown[] = [];
  let [vaults, isOver] = [0, false];
  const workOn = async (vault: Vault): Promise<boolean> => {
    try {
      return hasTime() && (await work(vault));
    } catch (error) {
      const failure = isFault(error) ? error.code : 'UNEXPECTED';
      telemetry.event(`${name}.failed`, { vaultId: vault.vaultId, failure });
      failures.push(error);
      return true;
    }
  };
  async function* clientsLeft(): AsyncGenerator<string> {
    for await (const { record } of ledger.list('client', null)) {
      if (isOver) {
        return;
      }
      if (record.clientId > after) {
        yield record.clientId;
      }
    }
  }
  const workOnClient = async (clientId: string) => {
    let isDone = true;
    try {
      for (const vault of await vaultsOf(ledger, clientId)) {
        isDone &&= await workOn(vault);
        vaults += isDone ? 1 : 0;
      }
    } catch (error) {
      // Thrown when those at work beside it have ended, or Lambda would freeze them half done.
      unlisted.push(error);
      isDone = false;
    }
    isOver ||= !isDone;
    return { clientId, isDone };
  };
  let doneClient = after;
  let stoppedAfter: string | null = null;
  const clients = pMapIterable(clientsLeft(), workOnClient, { concurrency: clientsAtOnce });
  for await (const { clientId, isDone } of clients) {
    stoppedAfter ??= isDone ? null : doneClient;
    doneClient = clientId;
  }
  if (unlisted.length > 0) {
    throw unlisted[0];
  }
  return { vaults, stoppedAfter, failures };
}

/**
 * Lets another invocation do what a pass has left. That one must find less to do than this one, or
 * there would be no end of them.
 *
 * @param hasWorked - whether anything was done that the next one need not do again.
 * @param start - starts the next invocation behind a client or a vault.
 * @returns whether another one goes on.
 * @throws HoldfastError `PASS_STUCK` when nothing was done, or what kept it from being done; what
 * `start` throws.
 */
export async function handOver(
  { stoppedAfter, failures }: PassEnd,
  { name, after = '', hasWorked }: { name: string; after?: string | undefined; hasWorked: boolean },
  start: (after: string) => Promise<void>,
): Promise<boolean> {
  if (stoppedAfter === null) {
    return false;
  }
  if (!hasWorked && stoppedAfter === after) {
    throw failures[0] ?? new HoldfastError('PASS_STUCK', { name });
  }
  await start(stoppedAfter);
  return true;
}
