import type { Command } from 'commander';
import type { VerificationAnswer } from '../../shared/admin-api/answers.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { addCommand, type Cli, type Execute, idOption, type Outcome, parseId } from '../command.ts';
import { failedWork } from '../failed-work.ts';
import { count, facts, instant, lines, number, size, table } from '../render.ts';
import { waitUntilEnded } from '../wait-until-ended.ts';

interface VerifyOptions {
  readonly vault: string;
  readonly deep?: boolean;
  readonly show?: string;
  readonly wait: boolean;
}

/** A deep verification of a large snapshot goes on for as long as it needs; nobody waits longer. */
const LIMIT_MS = 2 * 60 * 60 * 1000;

/** `snapshot verify`. */
export function addVerifyCommand(snapshot: Command, execute: Execute): void {
  addCommand(snapshot, {
    name: 'verify',
    says:
      'Verify a snapshot in both copies. Without --deep, S3 is asked about every object: whether ' +
      'it is there, its size, its SHA-256 where S3 knows it, its lock. With --deep, every object ' +
      'is read from both copies, and every record is compared with the manifest; no plaintext ' +
      'leaves AWS. Ends with 6 when anything is damaged, with 7 when a copy did not answer.',
    example:
      'holdfast snapshot verify 01KB1T9S0ZJ4Y6V3N5M2X9W0RC --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC --deep',
  })
    .argument('<snapshot>', 'which snapshot', parseId)
    .addOption(idOption('--vault <vault>', 'whose snapshot'))
    .option('--deep', 'read everything, from both copies')
    .option('--show <verification>', 'show this verification instead of starting one', parseId)
    .option('--no-wait', 'return at once')
    .action(async (snapshotId: string, options: VerifyOptions, command: Command) =>
      execute(command, (cli) => verify(cli, snapshotId, options)),
    );
}

async function verify(cli: Cli, snapshotId: string, options: VerifyOptions): Promise<Outcome> {
  const params = { vaultId: options.vault, snapshotId };
  const verificationId = options.show ?? (await start(cli, params, options));
  const ask = () => cli.call('showVerification', { params: { ...params, verificationId } });
  const later =
    `Look later: holdfast snapshot verify ${snapshotId} --vault ${options.vault} ` +
    `--show ${verificationId}`;
  const verification = options.wait
    ? await waitUntilEnded(ask, cli.sleep, { limitMs: LIMIT_MS, later })
    : await ask();
  const next = verification.state === 'RUNNING' ? lines(later) : '';
  const outcome = { json: verification, text: describeVerification(verification) + next };
  return verification.state === 'FAILED'
    ? { ...outcome, failure: failedWork(`Verification ${verificationId}`, verification.failure) }
    : outcome;
}

async function start(
  cli: Cli,
  params: { vaultId: string; snapshotId: string },
  { deep = false }: VerifyOptions,
): Promise<string> {
  const body = { depth: deep ? ('deep' as const) : ('quick' as const) };
  const { verificationId } = await cli.call('requestVerification', { params, body });
  cli.progress(`Verification ${verificationId} is under way.`);
  return verificationId;
}

function describeVerification(verification: VerificationAnswer): string {
  const { copies, depth, findings, findingCount, state } = verification;
  const isDeep = depth === 'deep';
  const rows = COPY_NAMES.map((name) => {
    const { objects, bytes, records, absent } = copies[name];
    const found = findings.filter(({ copy }) => copy === name).length;
    const looked = [number(objects), size(bytes), isDeep ? number(records) : '-'];
    return [name, ...looked, number(absent), number(found)];
  });
  const verb = isDeep ? 'READ' : 'ASKED';
  const header = ['COPY', `OBJECTS ${verb}`, 'SIZE', 'RECORDS', 'NOT THERE YET', 'DAMAGED'];
  const listed = findings.map(({ copy, object, problem }) => [copy, object, problem]);
  const more = findingCount - findings.length;
  return [
    facts([
      ['verification', verification.verificationId],
      ['snapshot', verification.snapshotId],
      ['depth', isDeep ? 'deep: everything is read' : 'quick: S3 is asked, nothing is read'],
      ['state', state],
      ['requested', `${instant(verification.requestedAt)} by ${verification.requestedBy}`],
      ['ended', instant(verification.endedAt)],
    ]),
    table(header, rows, ''),
    ...(listed.length === 0 ? [] : [table(['COPY', 'OBJECT', 'PROBLEM'], listed, '')]),
    ...(more > 0 ? [lines(`And ${count(more, 'more finding')}.`)] : []),
  ].join('\n');
}
