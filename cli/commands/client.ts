import type { Command } from 'commander';
import type { ClientAnswer, ClientDetails, VaultSummary } from '../../shared/admin-api/answers.ts';
import { PAGE_LIMIT } from '../../shared/admin-api/route-inputs.ts';
import { isUnconfirmed } from '../../shared/domain/cited-law.ts';
import { addCommand, type Execute, parseId, parseNumber } from '../command.ts';
import { facts, instant, lines, table } from '../render.ts';
import { addCloseClientCommand } from './close-client.ts';

/** `client add`, `client list`, `client show`, `client close`. */
export function addClientCommands(program: Command, execute: Execute): void {
  const client = program
    .command('client')
    .description('Register, look at and close clients: whose records are kept.');

  addCommand(client, {
    name: 'add',
    says: 'Register a client.',
    example: 'holdfast client add --name "Lotus Trading Ltd" --reference C-1042',
  })
    .requiredOption('--name <name>', "the client's name; kept in the ledger and nowhere else")
    .requiredOption('--reference <reference>', 'your own number for this client, unique')
    .action(async (body: { name: string; reference: string }, command: Command) =>
      execute(command, async ({ call }) => {
        const { name, reference } = body;
        const added = await call('addClient', { params: {}, body: { name, reference } });
        return { json: added, text: describeClient(added) };
      }),
    );

  addCommand(client, {
    name: 'list',
    says: 'List clients in the order of their registration.',
    example: 'holdfast client list',
  })
    .option(
      '--limit <number>',
      'most clients to list',
      parseNumber(1, PAGE_LIMIT.most),
      PAGE_LIMIT.default,
    )
    .option('--after <client>', 'list those after this client', parseId)
    .action(async ({ limit, after }: { limit: number; after?: string }, command: Command) =>
      execute(command, async ({ call }) => {
        const query = after === undefined ? { limit } : { limit, after };
        const page = await call('listClients', { params: {}, query });
        const rows = page.clients.map((each) => [
          each.clientId,
          each.reference,
          instant(each.registeredAt),
          each.name,
        ]);
        const listed = table(['CLIENT', 'REFERENCE', 'REGISTERED', 'NAME'], rows, 'No clients.');
        const more = page.next === null ? '' : lines(`More: add "--after ${page.next}".`);
        return { json: page, text: listed + more };
      }),
    );

  addCommand(client, {
    name: 'show',
    says: 'Show a client with its vaults and the holds on it.',
    example: 'holdfast client show 01KB1T7Q8ZJ4Y6V3N5M2X9W0RC',
  })
    .argument('<client>', 'which client', parseId)
    .action(async (clientId: string, _options: object, command: Command) =>
      execute(command, async ({ call }) => {
        const answer = await call('showClient', { params: { clientId } });
        return { json: answer, text: describeDetails(answer) };
      }),
    );

  addCloseClientCommand(client, execute);
}

function describeClient(client: ClientAnswer): string {
  return (
    facts([
      ['client', client.clientId],
      ['name', client.name],
      ['reference', client.reference],
    ]) +
    lines(
      'Next: holdfast vault add --client ' +
        `${client.clientId} --class CLASS --policy POLICY --source s3://BUCKET/PREFIX/`,
    )
  );
}

function describeDetails({ closing, vaults, holds, ...client }: ClientDetails): string {
  const inForce = holds.filter(({ releasedAt }) => releasedAt === null);
  const rows = vaults.map((vault) => [
    vault.vaultId,
    vault.recordClass,
    vault.policyId,
    vault.state,
    String(vault.holds),
    vault.closing?.disposition ?? '-',
    eraseFrom(vault.closing),
  ]);
  const header = ['VAULT', 'CLASS', 'POLICY', 'STATE', 'HOLDS', 'CLOSED TO', 'TO BE ERASED FROM'];
  return (
    facts([
      ['client', client.clientId],
      ['name', client.name],
      ['reference', client.reference],
      ['registered', `${instant(client.registeredAt)} by ${client.registeredBy}`],
      ['closed', closing === null ? 'no' : `${instant(closing.closedAt)} by ${closing.closedBy}`],
      ...(closing === null ? [] : [['work ended on', closing.event] as const]),
      ...(closing?.custodian ? [['custodian', closing.custodian] as const] : []),
      ...(closing?.custodianBasis ? [['  basis', closing.custodianBasis] as const] : []),
      ...inForce.map((hold) => ['hold', `${hold.holdId}: ${hold.reference}`] as const),
    ]) + table(header, rows, 'No vaults.')
  );
}

/** @returns from when on a closed vault is to be erased; what is kept for ever, never. */
function eraseFrom(closing: VaultSummary['closing']): string {
  if (closing === null || (closing.disposition !== 'retain' && closing.keepUntil === null)) {
    return '-';
  }
  const mark = isUnconfirmed(closing.basis) ? ' (unconfirmed)' : '';
  return `${closing.keepUntil === null ? 'never' : instant(closing.keepUntil)}${mark}`;
}
