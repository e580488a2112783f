import { type Command, Option } from 'commander';
import { INSTALLATION_CHAIN } from '../shared/domain/audit-chain.ts';
import { usageError } from './cli-error.ts';
import { parseId } from './command.ts';

/** Whose audit chain a command is about, as it was typed. */
export interface ChainChoice {
  readonly vault?: string;
  readonly client?: string;
  readonly installation?: true;
}

/** Adds the three options by which a chain is named. */
export function addChainOptions(command: Command): Command {
  return command
    .addOption(new Option('--vault <vault>', 'the audit chain of a vault').argParser(parseId))
    .addOption(new Option('--client <client>', 'the audit chain of a client').argParser(parseId))
    .option('--installation', 'the audit chain of what belongs to no vault and no client');
}

/**
 * @returns the id of the chain; `undefined` when none is named.
 * @throws CliError when more than one is named.
 */
export function chosenChain({ vault, client, installation }: ChainChoice): string | undefined {
  const named = [vault, client, installation && INSTALLATION_CHAIN].filter(
    (chain) => chain !== undefined,
  );
  if (named.length > 1) {
    throw usageError('Name one of "--vault", "--client" and "--installation".');
  }
  return named[0];
}

/** @throws CliError unless exactly one is named. */
export function requireChain(choice: ChainChoice): string {
  const chain = chosenChain(choice);
  if (chain === undefined) {
    throw usageError('Name one of "--vault", "--client" and "--installation".');
  }
  return chain;
}
