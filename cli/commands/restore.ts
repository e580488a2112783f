import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { RestoreAnswer } from '../../shared/admin-api/answers.ts';
import { COPY_NAMES, type CopyName } from '../../shared/domain/copy-name.ts';
import { usageError } from '../cli-error.ts';
import { addCommand, type Cli, type Execute, idOption, type Outcome, parseId } from '../command.ts';
import { failedWork } from '../failed-work.ts';
import { isS3Location, parseS3Location } from '../parse-location.ts';
import { count, facts, instant, lines, size } from '../render.ts';
import { waitUntilEnded } from '../wait-until-ended.ts';

interface RestoreOptions {
  readonly vault: string;
  readonly snapshot?: string;
  readonly path?: readonly string[];
  readonly from: CopyName | 'any';
  readonly to: string;
  readonly region?: string;
  readonly overwrite?: boolean;
}

/** A function runs at most 15 minutes and is repeated twice; room for the waits between. */
const LIMIT_MS = 60 * 60 * 1000;

/** `restore`, `restore-status`. */
export function addRestoreCommands(program: Command, execute: Execute): void {
  addCommand(program, {
    name: 'restore',
    says:
      'Restore a snapshot, or some of its records, to an S3 prefix or to a folder of this ' +
      'machine. Content appears only after it is verified.',
    example: 'holdfast restore --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC --path "2025/**" --to ./restored',
  })
    .addOption(idOption('--vault <vault>', 'what to restore'))
    .option('--snapshot <snapshot>', 'which point in time (default: the newest)', parseId)
    .option('--path <glob>', 'only records whose path matches; may be repeated', append)
    .addOption(
      new Option('--from <copy>', 'read from this copy only')
        .choices([...COPY_NAMES, 'any'])
        .default('any'),
    )
    .requiredOption('--to <location>', 's3://bucket/prefix/, or a folder of this machine')
    .option('--region <region>', "the target bucket's Region (default: the primary Region)")
    .option('--overwrite', 'replace what is in the target already')
    .action(async (options: RestoreOptions, command: Command) =>
      execute(command, async (cli) =>
        isS3Location(options.to) ? restoreToS3(cli, options) : restoreHere(cli, options),
      ),
    );

  addCommand(program, {
    name: 'restore-status',
    says: 'Show a restore.',
    example:
      'holdfast restore-status 01KB1TCW3ZJ4Y6V3N5M2X9W0RC --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
  })
    .argument('<restore>', 'which restore', parseId)
    .addOption(idOption('--vault <vault>', 'whose restore'))
    .action(async (restoreId: string, { vault }: { vault: string }, command: Command) =>
      execute(command, async ({ call }) => {
        const params = { vaultId: vault, restoreId };
        const restore = await call('showRestore', { params });
        return { json: restore, text: describeRestore(restore) };
      }),
    );
}

async function restoreToS3(cli: Cli, options: RestoreOptions): Promise<Outcome> {
  const location = parseS3Location(options.to, '--to');
  const { region, vault: vaultId } = options;
  const target = { kind: 's3' as const, ...location, ...(region === undefined ? {} : { region }) };
  const body = { ...requestBody(options), target };
  const { restore: started } = await cli.call('requestRestore', { params: { vaultId }, body });
  const { restoreId } = started;
  cli.progress(`Restore ${restoreId} is under way.`);
  const params = { vaultId, restoreId };
  const restore = await waitUntilEnded(() => cli.call('showRestore', { params }), cli.sleep, {
    limitMs: LIMIT_MS,
    later: `Look later: holdfast restore-status ${restoreId} --vault ${vaultId}`,
  });
  const outcome = { json: restore, text: describeRestore(restore) };
  return restore.state === 'FAILED'
    ? { ...outcome, failure: failedWork(`Restore ${restoreId}`, restore.failure) }
    : outcome;
}

/** The API records who restores what and answers with the plan; the bytes never pass through it. */
async function restoreHere(cli: Cli, options: RestoreOptions): Promise<Outcome> {
  const { vault: vaultId, path: patterns = [], from, overwrite = false } = options;
  const folder = resolve(options.to);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw usageError(
      '--to names a file; a restore needs a folder.',
      'Name a folder, or a new one.',
    );
  }
  const body = { ...requestBody(options), target: { kind: 'folder' as const } };
  const answer = await cli.call('requestRestore', { params: { vaultId }, body });
  const { progress } = cli;
  const done = await cli.restoreToFolder(answer, { folder, patterns, from, overwrite, progress });
  const { restoreId, snapshotId } = answer.restore;
  return {
    json: { restoreId, vaultId, snapshotId, folder, ...done },
    text: facts([
      ['restore', restoreId],
      ['snapshot', snapshotId],
      ['folder', folder],
      ['restored', `${count(done.records, 'record')}, ${size(done.bytes)}, each verified`],
    ]),
  };
}

function requestBody({ snapshot, path = [], from, overwrite = false }: RestoreOptions) {
  const which = snapshot === undefined ? {} : { snapshotId: snapshot };
  return { ...which, patterns: [...path], from, overwrite };
}

function append(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}

function describeRestore(restore: RestoreAnswer): string {
  const { target } = restore;
  const to =
    target.kind === 's3' ? `s3://${target.bucket}/${target.prefix}` : "a folder of the caller's";
  const next =
    restore.state === 'RUNNING'
      ? [`Next: holdfast restore-status ${restore.restoreId} --vault ${restore.vaultId}`]
      : [];
  return (
    facts([
      ['restore', restore.restoreId],
      ['snapshot', restore.snapshotId],
      ['state', restore.state],
      ['to', to],
      ['restored', `${count(restore.records, 'record')}, ${size(restore.bytes)}`],
      ['requested', `${instant(restore.requestedAt)} by ${restore.requestedBy}`],
      ['ended', instant(restore.endedAt)],
      ...(restore.failure === null ? [] : [['failure', restore.failure] as const]),
    ]) + lines(...next)
  );
}
