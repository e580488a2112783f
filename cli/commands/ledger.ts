import { type Command, Option } from 'commander';
import type { RebuildPage, RebuiltVault } from '../../shared/admin-api/rebuild-answers.ts';
import type { BodyInputOf } from '../../shared/admin-api/route-inputs.ts';
import { COPY_NAMES, type CopyName } from '../../shared/domain/copy-name.ts';
import { addCommand, type Cli, type Execute, type Outcome } from '../command.ts';
import { count, lines, number, table } from '../render.ts';
import { waitUntilEnded } from '../wait-until-ended.ts';

interface RebuildOptions {
  readonly from: CopyName;
  readonly dryRun?: boolean;
}

interface ReconcileOptions {
  readonly wait: boolean;
}

/** A pass over thousands of vaults takes minutes, over many thousands more than one function. */
const LIMIT_MS = 60 * 60 * 1000;

/** `ledger rebuild` and `ledger reconcile`. */
export function addLedgerCommands(program: Command, execute: Execute): void {
  const ledger = program
    .command('ledger')
    .description('Put back into the ledger what the copies show and it has lost.');

  addCommand(ledger, {
    name: 'rebuild',
    says:
      'Read the seals and tombstones of one copy, and add to the ledger the vaults, snapshots, ' +
      'packs and manifest parts it does not have. What it has is not changed, and an erased ' +
      'vault is never brought back. Names of clients, record classes, sources, reasons of holds, ' +
      'erasures under way and the audit chains are in the ledger alone: a vault that was lost ' +
      'comes back CLOSED, readable, under a client called "Unknown". Run it for both copies.',
    example: 'holdfast ledger rebuild --from secondary --dry-run',
  })
    .addOption(
      new Option('--from <copy>', 'the copy to believe').choices(COPY_NAMES).makeOptionMandatory(),
    )
    .option('--dry-run', 'show what would be added; change nothing')
    .action(async (options: RebuildOptions, command: Command) =>
      execute(command, (cli) => rebuild(cli, options)),
    );

  addCommand(ledger, {
    name: 'reconcile',
    says:
      'Compare the ledger with the tombstones in both copies, so that vaults which were erased ' +
      'since are ERASED again. Happens daily by itself. A ledger that was restored refuses ' +
      'everything but rebuilding it and looking at it until that was done.',
    example: 'holdfast ledger reconcile',
  })
    .option('--no-wait', 'return at once')
    .action(async (options: ReconcileOptions, command: Command) =>
      execute(command, (cli) => reconcile(cli, options)),
    );
}

async function reconcile(cli: Cli, { wait }: ReconcileOptions): Promise<Outcome> {
  const begun = await cli.call('reconcileLedger', { params: {}, body: {} });
  if (!wait && !begun.isReconciled) {
    return { json: begun, text: lines('The comparison with the tombstones is under way.') };
  }
  const ask = async () => {
    const answer = await cli.call('showLedger', { params: {} });
    return { answer, state: answer.isReconciled ? 'ENDED' : 'RUNNING' };
  };
  const later = 'Call it again later; the log group of compare-tombstones says what keeps it.';
  const { answer } = await waitUntilEnded(ask, cli.sleep, { limitMs: LIMIT_MS, later });
  return { json: answer, text: lines('The ledger is reconciled.') };
}

async function rebuild(
  { call, progress }: Cli,
  { from, dryRun = false }: RebuildOptions,
): Promise<Outcome> {
  const found = new Map<string, RebuiltVault>();
  let after: string | null = null;
  for (;;) {
    const body: BodyInputOf<'rebuildLedger'> = { from, dryRun };
    const page: RebuildPage = await call('rebuildLedger', {
      params: {},
      body: after === null ? body : { ...body, after },
    });
    for (const vault of page.vaults) {
      found.set(vault.vaultId, sumOf(found.get(vault.vaultId), vault));
    }
    if (page.isDone) {
      break;
    }
    after = page.after;
    progress(`${count(found.size, 'vault')} looked at.`);
  }
  const vaults = [...found.values()];
  return { json: { from, dryRun, vaults }, text: describe(vaults, dryRun) };
}

/** A large vault takes several calls. */
function sumOf(before: RebuiltVault | undefined, now: RebuiltVault): RebuiltVault {
  if (before === undefined) {
    return now;
  }
  return {
    ...now,
    outcome: before.outcome,
    snapshots: before.snapshots + now.snapshots,
    objects: before.objects + now.objects,
    unreadable: [...new Set([...before.unreadable, ...now.unreadable])],
    held: before.held || now.held,
  };
}

function describe(vaults: readonly RebuiltVault[], dryRun: boolean): string {
  const rows = vaults.map((vault) => [
    vault.vaultId,
    vault.outcome,
    number(vault.snapshots),
    number(vault.objects),
    vault.held ? 'yes' : '-',
    [vault.why ?? '', ...vault.unreadable.map((key) => `unreadable: ${key}`)].join(' ').trim(),
  ]);
  const header = ['VAULT', 'OUTCOME', 'SNAPSHOTS', 'OBJECTS', 'HELD', 'NOTE'];
  const listed = table(header, rows, 'This copy holds no vault.');
  return listed + (dryRun ? lines('Nothing was changed.') : '');
}
