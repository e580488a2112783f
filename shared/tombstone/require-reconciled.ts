import { NO_ENTRIES } from '../domain/audit-chain.ts';
import type { InstallationAudit } from '../domain/audit-records.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Change } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { chainChanges } from '../registry/chain-changes.ts';
import { writeDecision } from '../registry/write-decision.ts';

const NEW: InstallationAudit = { kind: 'installation', audit: NO_ENTRIES };

/**
 * Keeps everything from a ledger that was restored to an earlier time, until all of it was compared
 * with the tombstones: it would renew locks of what is erased since, which nobody can take back. A
 * restored table is another table, and so has another identity than the one its own record names.
 *
 * @throws HoldfastError `LEDGER_UNRECONCILED`, `LEDGER_UNAVAILABLE`.
 */
export async function requireReconciled(services: Pick<Services, 'ledger'>): Promise<void> {
  if (!(await isReconciled(services))) {
    throw new HoldfastError('LEDGER_UNRECONCILED', {});
  }
}

/**
 * @returns whether this table was compared with the tombstones since it exists; one without clients
 * need not be.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function isReconciled({ ledger }: Pick<Services, 'ledger'>): Promise<boolean> {
  const identity = await ledger.identity();
  const stored = await ledger.get('installation');
  return stored?.record.reconciledIn === identity || (await isWithoutClients({ ledger }));
}

/**
 * A ledger that begins empty has nothing to be compared, and what comes into it, by a registration
 * or a rebuild, is looked for among the tombstones before. So whoever registers the first client
 * says in the same transaction that it is reconciled.
 *
 * @returns the changes to write with a new client; none when the ledger has one already.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function firstClientChanges({ ledger }: Pick<Services, 'ledger'>): Promise<Change[]> {
  const reconciledIn = await ledger.identity();
  const stored = await ledger.get('installation');
  if (stored?.record.reconciledIn === reconciledIn || !(await isWithoutClients({ ledger }))) {
    return [];
  }
  const record = { ...(stored?.record ?? NEW), reconciledIn };
  return [{ record, expect: stored?.version ?? 'absent' }];
}

/**
 * Says in the ledger, and in the installation's audit chain, that every vault was compared.
 *
 * @param begunIn - identity of the ledger when the comparison began: when another table has taken
 * its place meanwhile, nothing is said of that one.
 * @throws HoldfastError `LEDGER_CONFLICT`, `LEDGER_UNAVAILABLE`.
 */
export async function markReconciled(
  services: Pick<Services, 'ledger' | 'clock' | 'request'>,
  begunIn: string,
): Promise<void> {
  await writeDecision(services, async () => {
    const identity = await services.ledger.identity();
    const stored = await services.ledger.get('installation');
    if (identity !== begunIn || stored?.record.reconciledIn === begunIn) {
      return { changes: [], result: null };
    }
    const owner = { ...(stored?.record ?? NEW), reconciledIn: begunIn };
    const event = {
      actor: 'holdfast:compare-tombstones',
      action: 'ledger.reconciled',
      details: {},
    };
    const expect = stored?.version ?? 'absent';
    return { changes: chainChanges(services, owner, expect, event), result: null };
  });
}

async function isWithoutClients({ ledger }: Pick<Services, 'ledger'>): Promise<boolean> {
  for await (const _ of ledger.list('client', null)) {
    return false;
  }
  return true;
}
