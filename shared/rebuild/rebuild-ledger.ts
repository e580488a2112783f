import type { RebuildLedgerBody } from '../admin-api/messages.ts';
import type { RebuildPage, RebuiltVault } from '../admin-api/rebuild-answers.ts';
import { VAULTS_PREFIX, vaultOfFolder } from '../format/object-keys.ts';
import { installationChanges } from '../registry/chain-changes.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { type RebuildServices, rebuildVault } from './rebuild-vault.ts';

/** The API waits 29 seconds; one more seal, and 100 of its objects, must fit in what is left. */
const WORK_MS = 15_000;

const MOST_VAULTS = 100;

/**
 * Brings into the ledger what one copy shows and the ledger does not have, vault by vault, for as
 * long as an answer of the API may take. Called again with `after` it goes on; called again from
 * the start it finds nothing more to do. The installation's audit chain says when it was begun and
 * when it was through, each vault's what became of the vault.
 *
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `KEYS_UNAVAILABLE`, `LEDGER_CONFLICT`,
 * `LEDGER_UNAVAILABLE`.
 */
export async function rebuildLedger(
  services: RebuildServices,
  actor: string,
  body: RebuildLedgerBody,
): Promise<RebuildPage> {
  const { dryRun, after } = body;
  if (!dryRun && after === undefined) {
    await tell(services, 'ledger.rebuild-begun', actor, body);
  }
  const page = await rebuildSome(services, actor, body);
  if (!dryRun && page.isDone) {
    await tell(services, 'ledger.rebuild-ended', actor, body);
  }
  return page;
}

async function tell(
  services: RebuildServices,
  action: string,
  actor: string,
  { from }: RebuildLedgerBody,
): Promise<void> {
  const event = { actor, action, details: { from } };
  await writeDecision(services, async () => {
    return { changes: await installationChanges(services, event), result: null };
  });
}

async function rebuildSome(
  services: RebuildServices,
  actor: string,
  { from, dryRun, after }: RebuildLedgerBody,
): Promise<RebuildPage> {
  const start = services.clock.now().getTime();
  const hasTime = () => services.clock.now().getTime() - start < WORK_MS;
  const wish = { actor, from, dryRun, hasTime };
  const vaults: RebuiltVault[] = [];
  let last = after ?? null;
  const behind = after === undefined ? undefined : `${VAULTS_PREFIX}${after}/`;
  for await (const folder of services.copies[from].listFolders(VAULTS_PREFIX, behind)) {
    if (vaults.length > 0 && (!hasTime() || vaults.length >= MOST_VAULTS)) {
      return { vaults, isDone: false, after: last };
    }
    const { vault, isDone } = await rebuildVault(services, wish, vaultOfFolder(folder));
    vaults.push(vault);
    if (!isDone && !dryRun) {
      return { vaults, isDone: false, after: last };
    }
    last = vault.vaultId;
  }
  return { vaults, isDone: true, after: last };
}
