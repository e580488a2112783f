import type { Command } from 'commander';
import type { RunAnswer } from '../../shared/admin-api/answers.ts';
import { addCommand, type Cli, type Execute, idOption, type Outcome, parseId } from '../command.ts';
import { failedWork } from '../failed-work.ts';
import { facts, instant, lines } from '../render.ts';
import { waitUntilEnded } from '../wait-until-ended.ts';

/** The state machine gives up after two hours; a little more to see it do so. */
const LIMIT_MS = 125 * 60 * 1000;

/** `backup run`, `backup show`. */
export function addBackupCommands(program: Command, execute: Execute): void {
  const backup = program.command('backup').description('Back a vault up, and look at runs.');

  addCommand(backup, {
    name: 'run',
    says: 'Back a vault up now, and wait until the run has ended.',
    example: 'holdfast backup run --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
  })
    .addOption(idOption('--vault <vault>', 'what to back up'))
    .option('--wait', 'wait until the run has ended (the default)', true)
    .option('--no-wait', 'return as soon as the run is started')
    .action(async (options: { vault: string; wait: boolean }, command: Command) =>
      execute(command, async (cli) => {
        const params = { vaultId: options.vault };
        const started = await cli.call('runBackup', { params, body: {} });
        return options.wait ? ended(cli, started) : { json: started, text: describeRun(started) };
      }),
    );

  addCommand(backup, {
    name: 'show',
    says: 'Show a backup run.',
    example: 'holdfast backup show 01KB1T9S0ZJ4Y6V3N5M2X9W0RC --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
  })
    .argument('<run>', 'which run', parseId)
    .addOption(idOption('--vault <vault>', 'whose run'))
    .action(async (runId: string, { vault }: { vault: string }, command: Command) =>
      execute(command, async ({ call }) => {
        const params = { vaultId: vault, runId };
        const answer = await call('showBackup', { params });
        return { json: answer, text: describeRun(answer) };
      }),
    );
}

async function ended({ call, sleep, progress }: Cli, started: RunAnswer): Promise<Outcome> {
  const { vaultId, runId } = started;
  progress(`Run ${runId} is under way.`);
  const run = await waitUntilEnded(
    () => call('showBackup', { params: { vaultId, runId } }),
    sleep,
    {
      limitMs: LIMIT_MS,
      later: `Look later: holdfast backup show ${runId} --vault ${vaultId}`,
    },
  );
  const outcome = { json: run, text: describeRun(run) };
  return run.state === 'FAILED'
    ? { ...outcome, failure: failedWork(`Backup run ${runId}`, run.failure) }
    : outcome;
}

function describeRun(run: RunAnswer): string {
  const { vaultId, snapshotId } = run;
  const next =
    snapshotId === null
      ? `Next: holdfast backup show ${run.runId} --vault ${vaultId}`
      : `Next: holdfast snapshot show ${snapshotId} --vault ${vaultId}`;
  return (
    facts([
      ['run', run.runId],
      ['vault', vaultId],
      ['state', run.state],
      ['requested', `${instant(run.requestedAt)} by ${run.requestedBy}`],
      ['ended', instant(run.endedAt)],
      ['snapshot', snapshotId ?? '-'],
      ...(run.failure === null ? [] : [['failure', run.failure] as const]),
    ]) + (run.state === 'FAILED' ? '' : lines(next))
  );
}
