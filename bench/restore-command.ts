import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { requestRestoreBody } from '../shared/admin-api/messages.ts';
import { requestRestore } from '../shared/restore/request-restore.ts';
import type { EmbeddedAws } from './embedded-aws-process.ts';
import { engineServices } from './engine-services.ts';
import { clientsOf } from './installation.ts';
import { type ProcessCost, runProcess } from './run-process.ts';

const COMMAND = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

/**
 * Runs `holdfast restore` as its user does, and answers its one call of the admin API here, as the
 * function behind it would.
 *
 * @param home - for the cache of what it compiled, which stays between two runs.
 * @param profileDirectory - where to write a CPU profile; `null` for none.
 */
export async function restoreByCommand(
  aws: EmbeddedAws,
  vaultId: string,
  folder: string,
  home: string,
  profileDirectory: string | null,
): Promise<ProcessCost> {
  const server = createServer((request, response) => {
    answer(aws, vaultId, request).then(
      (body) => response.setHeader('content-type', 'application/json').end(body),
      (error: unknown) => response.destroy(error as Error),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const profile =
    profileDirectory === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`];
  try {
    return await runProcess({
      command: process.execPath,
      args: [...profile, COMMAND, 'restore', '--vault', vaultId, '--to', folder, '--json'],
      env: {
        ...aws.env,
        HOLDFAST_API_URL: `http://127.0.0.1:${port}`,
        XDG_CACHE_HOME: join(home, 'holdfast-cache'),
      },
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function answer(
  aws: EmbeddedAws,
  vaultId: string,
  request: IncomingMessage,
): Promise<string> {
  const services = engineServices(clientsOf(aws.endpoint));
  const body = requestRestoreBody.parse(JSON.parse((await buffer(request)).toString('utf8')));
  const requested = await requestRestore(services, 'bench', vaultId, body);
  return JSON.stringify({ ...requested, installation: services.installation });
}
