import { isFault } from '../domain/errors.ts';
import type { Vault } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';

/** Vaults worked on side by side: a small one costs a few round trips and hardly any work. */
const VAULTS_AT_ONCE = 8;

export interface PassOptions {
  /** What the pass is called in events, such as `renewal`. */
  readonly name: string;
  /** Clients up to this id were done by the invocation before. @default none */
  readonly after?: string | undefined;
  /** Asked before each vault. */
  readonly hasTime: () => boolean;
}

export interface PassResult {
  readonly vaults: number;
  /**
   * `null` when every vault was done. Otherwise all vaults of clients up to this id are; an empty
   * text: of none.
   */
  readonly stoppedAfter: string | null;
  /** What went wrong with single vaults; it kept no other from its turn. */
  readonly failures: readonly unknown[];
}

/**
 * Does the daily work on every vault, client by client in the order of their ids, so that the next
 * invocation can go on where this one ran out of time. The work itself must bear being repeated.
 *
 * @param work - returns `false` when it ran out of time.
 * @throws HoldfastError `LEDGER_UNAVAILABLE` when clients or vaults cannot be listed.
 */
export async function passOverVaults(
  services: Pick<Services, 'ledger' | 'telemetry'>,
  { name, after = '', hasTime }: PassOptions,
  work: (vault: Vault) => Promise<boolean>,
): Promise<PassResult> {
  const failures: unknown[] = [];
  let [vaults, doneClient] = [0, after];
  const workOn = async (vault: Vault): Promise<boolean> => {
    try {
      return hasTime() && (await work(vault));
    } catch (error) {
      const failure = isFault(error) ? error.code : 'UNEXPECTED';
      services.telemetry.event(`${name}.failed`, { vaultId: vault.vaultId, failure });
      failures.push(error);
      return true;
    }
  };
  for await (const { record: client } of services.ledger.list('client', null)) {
    const { clientId } = client;
    if (clientId <= after) {
      continue;
    }
    const listed = await Array.fromAsync(services.ledger.list('vault', { clientId }));
    for (let start = 0; start < listed.length; start += VAULTS_AT_ONCE) {
      const batch = listed.slice(start, start + VAULTS_AT_ONCE);
      const done = await Promise.all(batch.map(({ record }) => workOn(record)));
      vaults += done.filter(Boolean).length;
      if (done.includes(false)) {
        return { vaults, stoppedAfter: doneClient, failures };
      }
    }
    doneClient = clientId;
  }
  return { vaults, stoppedAfter: null, failures };
}
