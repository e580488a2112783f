import { stat } from 'node:fs/promises';
import type { RunAnswer, SnapshotAnswer } from '../../shared/admin-api/answers.ts';
import type { PushAnswer } from '../../shared/admin-api/push-answers.ts';
import { isFault } from '../../shared/domain/errors.ts';
import { excludePaths } from '../../shared/folder/exclude-paths.ts';
import { FolderSource } from '../../shared/folder/folder-source.ts';
import { type PushServices, type WrittenPush, writePush } from '../../shared/push/write-push.ts';
import { folderPushServices } from '../../shared/wiring/folder-push-services.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { Cli } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { PushDisplay, type PushTotal } from './push-display.ts';
import { PushSession } from './push-session.ts';

/** What the command line says about a push. */
export interface FolderPush {
  /** Absolute path. */
  readonly folder: string;
  readonly vaultId: string;
  /** As `excludePaths` takes them. */
  readonly exclude: readonly string[];
  readonly allowEmpty: boolean;
}

export interface FolderPushed {
  readonly runId: string;
  readonly folder: string;
  readonly snapshot: SnapshotAnswer;
  /** How many paths were left out without having been excluded, per reason. */
  readonly skipped: Readonly<Record<string, number>>;
}

/** What a push reaches the world by. */
export type PushingCli = Pick<Cli, 'call' | 'sleep' | 'screen' | 'onInterrupt'>;

export type PushFolder = (cli: PushingCli, wanted: FolderPush) => Promise<FolderPushed>;

/**
 * Pushes a folder: begins with the admin API, encrypts and writes here, and has the API examine and
 * commit it. What fails or is interrupted is abandoned: the vault is free at once, and nothing of
 * it can be seen.
 *
 * @param connect - how the copies and keys are reached; default: AWS with the caller's credentials.
 * @throws CliError `USAGE` for a folder that cannot be pushed, `INTERRUPTED`; what the API and
 * `writePush` throw.
 */
export async function pushFolder(
  cli: PushingCli,
  wanted: FolderPush,
  connect: (place: PushAnswer['installation']) => PushServices = folderPushServices,
): Promise<FolderPushed> {
  await requireFolder(wanted);
  const display = new PushDisplay(cli.screen);
  const total = display.wantsTotal ? await measure(wanted) : undefined;
  const { vaultId, folder } = wanted;
  const plan = await cli.call('beginPush', { params: { vaultId }, body: {} });
  display.begin(plan, total);
  const session = new PushSession(cli, plan);
  try {
    const source = openSource(wanted);
    const writing = writePush(connect(plan.installation), plan, source, {
      renew: (body) => session.renew(body),
      onSkipped: (path, reason) => display.skip(path, reason),
      onProgress: (done) => {
        session.requireGoingOn();
        display.update(done);
      },
    });
    const { seal }: WrittenPush = await session.unlessStopped(writing);
    const snapshot = await session.commit(seal);
    return { runId: plan.runId, folder, snapshot, skipped: display.skipped };
  } catch (error) {
    display.end();
    const snapshot = await committedAfterAll(await session.abandon(error), cli);
    if (snapshot === undefined) {
      throw error;
    }
    return { runId: plan.runId, folder, snapshot, skipped: display.skipped };
  } finally {
    display.end();
    session.close();
  }
}

/** The answer to the commit was lost, and it turned out that it had been done. */
async function committedAfterAll(
  run: RunAnswer | undefined,
  { call }: PushingCli,
): Promise<SnapshotAnswer | undefined> {
  if (run?.state !== 'SUCCEEDED' || run.snapshotId === null) {
    return undefined;
  }
  const { vaultId, snapshotId } = run;
  return call('showSnapshot', { params: { vaultId, snapshotId } });
}

function openSource({ folder, vaultId, exclude }: FolderPush): FolderSource {
  return new FolderSource(folder, { vaultId, exclude: excludePaths(exclude) });
}

/** An empty folder is more often a disk that is not there than one with nothing to keep. */
async function requireFolder(wanted: FolderPush): Promise<void> {
  const { folder, allowEmpty } = wanted;
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) {
    throw usageError(`There is no folder ${folder}.`, 'Check the path.');
  }
  if (!found.isDirectory()) {
    throw usageError(`${folder} is not a folder.`, 'Give the folder that it lies in.');
  }
  const first = await openSource(wanted).list().next().catch(unreadable(folder));
  if (first.done === true && !allowEmpty) {
    throw usageError(
      `There is nothing in ${folder} to push.`,
      'Check that it is the right folder; "--allow-empty" pushes it all the same.',
    );
  }
}

function unreadable(folder: string): (error: unknown) => never {
  return (error) => {
    throw isFault(error, 'SOURCE_UNAVAILABLE')
      ? new CliError({
          code: error.code,
          message: `${folder} cannot be read.`,
          next: 'Check its permissions.',
          exitCode: EXIT.refused,
        })
      : error;
  };
}

async function measure(wanted: FolderPush): Promise<PushTotal> {
  const total = { records: 0, bytes: 0 };
  for await (const entries of openSource(wanted).list()) {
    total.records += entries.length;
    total.bytes += entries.reduce((sum, { size }) => sum + size, 0);
  }
  return total;
}
