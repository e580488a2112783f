import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FUNCTION_PLANS } from '../infra/function-plans.ts';
import { nodeOptions } from '../infra/node-options.ts';
import { registerClient } from '../shared/registry/register-client.ts';
import { registerVault } from '../shared/registry/register-vault.ts';
import { serveAdminCalls } from './admin-calls.ts';
import type { EmbeddedAws } from './embedded-aws-process.ts';
import { type EngineAnswer, type EngineJob, isOfCli } from './engine-jobs.ts';
import { engineServices } from './engine-services.ts';
import { clientsOf, INSTALLATION, PLAIN_BUCKET } from './installation.ts';
import { type ProcessCost, runProcess } from './run-process.ts';

const ENGINE = fileURLToPath(new URL('engine-process.ts', import.meta.url));

/** What a function that runs backups is started with. */
const WORKER_OPTIONS = nodeOptions(FUNCTION_PLANS['run-backup'].size);

/**
 * Registers a client with one vault.
 * @param prefix - of the plain bucket, where its records lie; also the client's reference.
 * @param kind - of its source. Default: the prefix.
 */
export async function makeVault(
  aws: EmbeddedAws,
  prefix: string,
  kind: 'folder' | 's3' = 's3',
): Promise<string> {
  const services = engineServices(clientsOf(aws.endpoint));
  const client = await registerClient(services, 'bench', { name: 'Bench', reference: prefix });
  const { vaultId } = await registerVault(services, 'bench', client.clientId, {
    recordClass: 'bench',
    policyId: 'engagement-10y',
    source:
      kind === 'folder'
        ? { kind }
        : { kind, bucket: PLAIN_BUCKET, prefix, region: INSTALLATION.regions.primary },
  });
  return vaultId;
}

/**
 * Does a job in a process of its own.
 * @param profileDirectory - where to write a CPU profile; `null` for none.
 */
export async function runEngine(
  aws: EmbeddedAws,
  job: EngineJob,
  profileDirectory: string | null = null,
): Promise<EngineAnswer & ProcessCost> {
  const profile =
    profileDirectory === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`];
  if (profileDirectory !== null) {
    mkdirSync(profileDirectory, { recursive: true });
  }
  const api = await serveAdminCalls(engineServices(clientsOf(aws.endpoint)));
  try {
    const { stdout, cpu, wall } = await runProcess({
      command: process.execPath,
      args: [...profile, ENGINE, JSON.stringify(job), aws.cacheHome, api.url],
      env: { ...aws.env, ...(isOfCli(job) ? {} : { NODE_OPTIONS: WORKER_OPTIONS }) },
    });
    return { ...(JSON.parse(stdout) as EngineAnswer), cpu, wall };
  } finally {
    api.close();
  }
}
