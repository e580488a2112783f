import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { PushAnswer, PushRenewalAnswer } from '../shared/admin-api/push-answers.ts';
import { HoldfastError } from '../shared/domain/errors.ts';
import type { Snapshot, StoredObject } from '../shared/domain/records.ts';
import type { Installation, Services } from '../shared/ports/services.ts';
import { beginPush } from '../shared/push/begin-push.ts';
import { commitPush } from '../shared/push/commit-push.ts';
import { renewPush } from '../shared/push/renew-push.ts';
import type { PushReports } from '../shared/push/write-push.ts';
import { planFor, type RestorePlan } from '../shared/restore/restore-plan.ts';

type Run = { readonly vaultId: string; readonly runId: string };

/** What to restore, and where it lies. */
export interface PlannedRestore {
  readonly plan: RestorePlan;
  readonly installation: Installation;
}

/** What the admin API is asked by a push and by a restore to a folder. */
export interface AdminCalls {
  beginPush(input: { vaultId: string }): Promise<PushAnswer>;
  renewPush(input: Run & Parameters<PushReports['renew']>[0]): Promise<PushRenewalAnswer>;
  commitPush(input: Run & { seal: StoredObject }): Promise<Snapshot>;
  planRestore(input: { vaultId: string; snapshotId: string }): Promise<PlannedRestore>;
}

export type AdminCall = keyof AdminCalls;

/** The admin API while it is served. */
export interface ServedCalls {
  readonly url: string;
  close(): void;
}

/**
 * Serves the calls on this machine, in this process: in AWS they are done elsewhere than where the
 * command runs, too.
 */
export async function serveAdminCalls(services: Services): Promise<ServedCalls> {
  const calls = callsOf(services);
  const server = createServer(async (request, response) => {
    try {
      const name = (request.url ?? '').slice(1) as AdminCall;
      const input = JSON.parse(await text(request)) as never;
      response.end(JSON.stringify(await calls[name](input)));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

function callsOf(services: Services): AdminCalls {
  return {
    beginPush: ({ vaultId }) => beginPush(services, 'bench', vaultId),
    renewPush: ({ vaultId, runId, written = [], carried = [] }) =>
      renewPush(services, { vaultId, runId }, { written, carried }),
    commitPush: ({ vaultId, runId, seal }) =>
      commitPush(services, 'bench', { vaultId, runId }, { seal }),
    async planRestore({ vaultId, snapshotId }) {
      const vault = await services.ledger.get('vault', vaultId);
      const snapshot = await services.ledger.get('snapshot', vaultId, snapshotId);
      if (vault === undefined || snapshot === undefined) {
        throw new HoldfastError('SNAPSHOT_UNKNOWN', { vaultId, snapshotId });
      }
      const plan = planFor(vault.record, snapshot.record);
      return { plan, installation: services.installation };
    },
  };
}
