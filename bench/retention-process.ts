/**
 * Renews or sweeps an imagined vault and prints what it took as JSON: the process whose CPU and
 * memory are measured. Its arguments are the work and the vault's shape.
 */
import { renewVault } from '../shared/retention/renew-vault.ts';
import { sweepVault } from '../shared/retention/sweep-vault.ts';
import { ImaginedServices } from './imagined-services.ts';
import { ImaginedVault, RULE, type VaultShape } from './imagined-vault.ts';

const [, , work = '', shapeText = ''] = process.argv;
const vault = new ImaginedVault(JSON.parse(shapeText) as VaultShape);
const services = new ImaginedServices(vault);
const always = (): boolean => true;

// What the vault's seals are is made up before the work begins.
for (let number = vault.shape.snapshots - vault.shape.unsettled; number < vault.shape.snapshots; ) {
  vault.snapshot(number);
  number += 1;
}
const cpuAtStart = process.cpuUsage();
const result = work === 'renew' ? await renew() : await sweep();
const { user, system } = process.cpuUsage(cpuAtStart);
const peakMiB = process.resourceUsage().maxRSS / 1024;
const answer = { ...result, cpu: (user + system) / 1e6, peakMiB, calls: services.calls };
process.stdout.write(`${JSON.stringify(answer)}\n`);

async function renew() {
  const { extended, failures } = await renewVault(services, vault.vault, RULE, always);
  return { done: extended, failed: failures.length };
}

async function sweep() {
  const options = {
    limits: { mostShare: 0.5, backlogDays: 431 },
    isConfirmed: false,
    lingerDays: 90,
    actor: 'bench',
  };
  const swept = await sweepVault(services, vault.vaultId, { ...options, hasTime: always });
  return { done: swept.result.removed.versions, failed: swept.failures.length };
}
