import { beforeEach, describe, expect, test } from 'vitest';
import { bundleOutcome, openChain } from '../../cli/audit-bundle.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { createHandler } from '../../functions/admin-query.ts';
import { verifyChain } from '../../shared/audit/verify-chain.ts';
import { writeCheckpoint } from '../../shared/audit/write-checkpoint.ts';
import { METRICS } from '../../shared/config/metric-names.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { httpRequest, opened } from '../functions/http-fixture.ts';
import { backUp } from '../support/backed-up-vault.ts';
import { livingInstallation, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { rewriteChain } from '../support/rewritten-chain.ts';

let living: MemoryServices;
let vault: Vault;

beforeEach(async () => {
  living = livingInstallation();
  vault = await registeredVault(living);
  await backUp(living, vault);
  await backUp(living, vault);
  await writeCheckpoint(living.services);
});

const today = () => living.clock.now().toISOString().slice(0, 10);

/** A day later, with its checkpoint. */
async function nextDay(days = 1) {
  await living.clock.moveDays(days);
  return writeCheckpoint(living.services);
}

async function verifiedNow() {
  const query = createHandler(living.services);
  const call = async (
    route: never,
    { params, query: asked = {} }: { params: never; query?: object },
  ) => {
    const text = Object.entries(asked).map(([name, value]) => [name, String(value)]);
    const request = httpRequest(route, { params, query: Object.fromEntries(text) });
    return opened(await query(request)).body;
  };
  const chain = await openChain({ call: call as never }, vault.vaultId);
  const verified = await verifyChain(chain, await living.signing.publicKey());
  return { verified, failure: bundleOutcome(verified, 'ledger').failure };
}

// format.md 9.4
describe('a chain that was rewritten after it was signed, whole in itself', () => {
  test('is found at once, and stays found although later checkpoints sign it', async () => {
    await living.clock.moveDays(1);
    await rewriteChain(living, vault.vaultId, 2);
    expect((await verifiedNow()).failure?.exitCode).toBe(EXIT.damaged);
    const since = today();
    await writeCheckpoint(living.services);
    for (const days of [0, 1, 29, 70]) {
      const { broken } = days === 0 ? { broken: 1 } : await nextDay(days);
      expect(broken).toBe(1);
      const { verified, failure } = await verifiedNow();
      expect(verified).toMatchObject({ checkpoint: today(), covered: 0 });
      expect(verified.problems).toEqual([expect.objectContaining({ what: 'found-broken' })]);
      expect(failure).toMatchObject({ exitCode: EXIT.damaged });
      expect(failure?.message).toContain(`On ${since} the chain was found broken`);
    }
  });

  test('keeps its alarm, which rings for as many chains every day', async () => {
    await rewriteChain(living, vault.vaultId, 2);
    await nextDay();
    await nextDay();
    expect(living.telemetry.total(METRICS.brokenChains)).toBe(2);
  });

  test('is reported as first found, whatever is found later', async () => {
    await rewriteChain(living, vault.vaultId, 2);
    await nextDay();
    const since = today();
    await rewriteChain(living, vault.vaultId, 1);
    await nextDay();
    expect(living.telemetry.eventsNamed('audit.broken')).toHaveLength(2);
    expect((await verifiedNow()).failure?.message).toContain(`On ${since}`);
  });

  test('cannot shed what was found: the finding is under the signed root', async () => {
    await rewriteChain(living, vault.vaultId, 2);
    await nextDay();
    const [found] = await Array.fromAsync(living.copies.primary.list(`checkpoints/${today()}`));
    const body = await living.copies.primary.read(found?.key ?? '', found?.versionId ?? '');
    const file = JSON.parse(Buffer.concat((await Array.fromAsync(body)) as Buffer[]).toString());
    file.heads = file.heads.map((head: unknown[]) => head.slice(0, 3));
    const bytes = Buffer.from(JSON.stringify(file));
    living.copies.primary.damage(found?.key ?? '', found?.versionId ?? '', bytes);
    await expect(nextDay()).rejects.toMatchObject({
      code: 'OBJECT_DAMAGED',
      data: { problem: 'altered' },
    });
  });
});
