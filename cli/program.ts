import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import type { Execute } from './command.ts';
import { addAuditCommands } from './commands/audit.ts';
import { addBackupCommands } from './commands/backup.ts';
import { addCertificateCommands } from './commands/certificate.ts';
import { addClientCommands } from './commands/client.ts';
import { addEraseCommands } from './commands/erase.ts';
import { addHandOverCommands } from './commands/hand-over.ts';
import { addHoldCommands } from './commands/hold.ts';
import { addLedgerCommands } from './commands/ledger.ts';
import { addPolicyCommands } from './commands/policy.ts';
import { addPresetCommands } from './commands/preset.ts';
import { addPushCommand } from './commands/push.ts';
import { addRestoreCommands } from './commands/restore.ts';
import { addSnapshotCommands } from './commands/snapshot.ts';
import { addVaultCommands } from './commands/vault.ts';
import { EXIT, EXIT_MEANINGS } from './exit-codes.ts';
import { SETTING_VARIABLES } from './settings.ts';

/** Where commander's own words go: help, and complaints about the command line. */
export interface ProgramOutput {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

/** Columns of the help, the same in every terminal so that `docs/cli.md` can hold it. */
const HELP_WIDTH = 100;

/** @returns the whole command line, each command wired to `execute`. It never ends the process. */
export function buildProgram(execute: Execute, output: ProgramOutput): Command {
  const program = new Command('holdfast')
    .description('Keep client records as long as you must, then make them unreadable for good.')
    .version(packageJson.version, '--version', 'print the version')
    .exitOverride()
    .configureOutput({
      ...output,
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', generalHelp());
  addClientCommands(program, execute);
  addVaultCommands(program, execute);
  addPolicyCommands(program, execute);
  addPresetCommands(program, execute);
  addBackupCommands(program, execute);
  addPushCommand(program, execute);
  addSnapshotCommands(program, execute);
  addRestoreCommands(program, execute);
  addEraseCommands(program, execute);
  addHoldCommands(program, execute);
  addHandOverCommands(program, execute);
  addCertificateCommands(program, execute);
  addAuditCommands(program, execute);
  addLedgerCommands(program, execute);
  return program;
}

function generalHelp(): string {
  const settings = Object.entries(SETTING_VARIABLES).map(
    ([name, says]) => `  ${name}\n      ${says}`,
  );
  const codes = Object.entries(EXIT_MEANINGS).map(
    ([name, says]) => `  ${EXIT[name as keyof typeof EXIT]}  ${says}`,
  );
  return ['', 'Environment:', ...settings, '', 'Exit codes:', ...codes].join('\n');
}
