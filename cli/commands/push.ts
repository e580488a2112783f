import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseExcludeFile } from '../../shared/folder/exclude-paths.ts';
import { CliError, usageError } from '../cli-error.ts';
import { addCommand, type Execute, idOption, type Outcome } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { FolderPushed } from '../push/push-folder.ts';
import { count, facts, instant, lines, size } from '../render.ts';

interface PushOptions {
  readonly vault: string;
  readonly exclude?: readonly string[];
  readonly excludeFile?: readonly string[];
  readonly allowEmpty?: boolean;
}

/** `push`. */
export function addPushCommand(program: Command, execute: Execute): void {
  addCommand(program, {
    name: 'push',
    says:
      'Back up a folder of this machine. Records are encrypted here, with your own credentials; ' +
      'only what changed since the last push is read. Symbolic links are kept as links.',
    example: 'holdfast push ./clients/1042 --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC --exclude "*.tmp"',
  })
    .argument('<dir>', 'the folder')
    .addOption(idOption('--vault <vault>', 'a vault whose source is "folder"'))
    .option('--exclude <glob>', 'leave out what matches; may be repeated', append)
    .option('--exclude-file <file>', 'leave out what a line of this file matches', append)
    .option('--allow-empty', 'also push a folder with nothing in it')
    .action(async (dir: string, options: PushOptions, command: Command) =>
      execute(command, async (cli) => {
        const exclude = [...(options.exclude ?? []), ...(await readPatterns(options))];
        const folder = resolve(dir);
        const { vault: vaultId, allowEmpty = false } = options;
        return outcomeOf(await cli.pushFolder(cli, { folder, vaultId, exclude, allowEmpty }));
      }),
    );
}

async function readPatterns({ excludeFile = [] }: PushOptions): Promise<string[]> {
  const texts = excludeFile.map(async (file) =>
    readFile(file, 'utf8').catch(() => {
      throw usageError(`--exclude-file ${file} cannot be read.`);
    }),
  );
  return (await Promise.all(texts)).flatMap(parseExcludeFile);
}

function append(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}

function outcomeOf(pushed: FolderPushed): Outcome {
  const { snapshot, skipped } = pushed;
  const { records, bytes, readRecords, readBytes } = snapshot.counts;
  const left = Object.entries(skipped).map(([reason, number]) => `${number} ${reason}`);
  const text =
    facts([
      ['run', pushed.runId],
      ['snapshot', snapshot.snapshotId],
      ['folder', pushed.folder],
      ['records', `${count(records, 'record')}, ${size(bytes)}`],
      ['read', `${count(readRecords, 'record')}, ${size(readBytes)}`],
      ['locked until', instant(snapshot.lockedUntil)],
      ['left out', left.length === 0 ? 'nothing' : left.join(', ')],
    ]) + lines(`Next: holdfast snapshot show ${snapshot.snapshotId} --vault ${snapshot.vaultId}`);
  return left.length === 0
    ? { json: pushed, text }
    : { json: pushed, text, failure: incomplete(left) };
}

function incomplete(left: readonly string[]): CliError {
  return new CliError({
    code: 'INCOMPLETE',
    message: `The snapshot is committed, but not everything is in it: ${left.join(', ')}.`,
    next: 'See above what was left out; "denied" needs other permissions, "changed" another push.',
    exitCode: EXIT.incomplete,
  });
}
