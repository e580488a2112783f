import { describe, expect, test } from 'vitest';
import { openChain } from '../../cli/audit-bundle.ts';
import { createHandler } from '../../functions/admin-query.ts';
import { checkChains } from '../../shared/audit/check-chains.ts';
import { verifyChain } from '../../shared/audit/verify-chain.ts';
import { withAuditEntry } from '../../shared/domain/audit-chain.ts';
import type { AuditEntry, Vault } from '../../shared/domain/records.ts';
import type { Head } from '../../shared/format/checkpoint.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';
import { httpRequest, opened } from '../functions/http-fixture.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const LENGTH = 5_000;

/** A vault whose chain has that many entries. */
async function longChain(living: MemoryServices): Promise<Vault> {
  const { vaultId } = await registeredVault(living);
  const stored = await living.ledger.get('vault', vaultId);
  let [vault, version] = [stored?.record as Vault, stored?.version ?? 0];
  while (vault.audit.count < LENGTH) {
    const entries: AuditEntry[] = [];
    for (let number = 0; number < 99 && vault.audit.count < LENGTH; number += 1) {
      const event = { actor: OPERATOR, action: 'hold.placed', details: {}, at: living.clock.now() };
      const { owner, entry } = withAuditEntry(vault, event);
      vault = owner as Vault;
      entries.push(entry);
    }
    const changes = entries.map((record) => ({ record, expect: 'absent' as const }));
    await living.ledger.write([{ record: vault, expect: version }, ...changes]);
    version += 1;
  }
  return vault;
}

/** A ledger that counts the items it is asked for. */
function counting(ledger: Ledger) {
  const reads = { items: 0 };
  const counted = Object.assign(Object.create(ledger), {
    get: async (...args: Parameters<Ledger['get']>) => {
      reads.items += 1;
      return Reflect.apply(ledger.get, ledger, args);
    },
    async *list(...args: Parameters<Ledger['list']>) {
      for await (const stored of ledger.list(...args)) {
        reads.items += 1;
        yield stored;
      }
    },
  });
  return { reads, ledger: counted as Ledger };
}

async function lengthen(living: MemoryServices, vaultId: string, count: number): Promise<void> {
  const stored = await living.ledger.get('vault', vaultId);
  const record = { ...stored?.record, audit: { count, head: 'ab'.repeat(32) } } as Vault;
  await living.ledger.write([{ record, expect: stored?.version ?? 0 }]);
}

const headOf = ({ vaultId, audit }: Vault): Head => [vaultId, audit.count, audit.head];

describe('a chain of thousands of entries', () => {
  test('is verified with little more reads than it has entries', async () => {
    const living = livingInstallation();
    const { vaultId: chainId } = await longChain(living);
    const { reads, ledger } = counting(living.ledger);
    const query = createHandler({ ...living.services, ledger });
    const call = async (
      route: never,
      { params, query: asked }: { params: never; query?: object },
    ) => opened(await query(httpRequest(route, { params, query: textOf(asked) }))).body;
    const chain = await openChain({ call: call as never }, chainId);
    const verified = await verifyChain(chain, await living.signing.publicKey());
    expect(verified).toMatchObject({ entries: LENGTH, problems: [] });
    expect(reads.items).toBeGreaterThanOrEqual(LENGTH);
    expect(reads.items).toBeLessThanOrEqual(1.1 * LENGTH);
  });

  test('is not read again for a checkpoint but for what is new', async () => {
    const living = livingInstallation();
    const vault = await longChain(living);
    const { reads, ledger } = counting(living.ledger);
    const signed = (await checkChains(living.services, [])).heads;
    const { broken } = await checkChains({ ...living.services, ledger }, signed);
    expect(broken).toEqual([]);
    expect(signed).toContainEqual(headOf(vault));
    expect(reads.items).toBeLessThan(20);
  });

  test('that says it has a million is found broken, and nobody asks a million times', async () => {
    const living = livingInstallation();
    const { vaultId } = await registeredVault(living);
    const { heads: signed } = await checkChains(living.services, []);
    const { count } = (await vaultNow(living, vaultId)).audit;
    await lengthen(living, vaultId, 1_000_000);
    const { reads, ledger } = counting(living.ledger);
    const { broken } = await checkChains({ ...living.services, ledger }, signed);
    expect(broken).toEqual([{ chainId: vaultId, break: { at: count + 1, what: 'truncated' } }]);
    expect(reads.items).toBeLessThan(20);
  });
});

/** As a URL has it. */
function textOf(query: object = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]));
}
