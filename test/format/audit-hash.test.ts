import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { backUp } from '../support/backed-up-vault.ts';
import { registeredVault } from '../support/living-installation.ts';
import { memoryServices } from '../support/memory-services.ts';

async function chain() {
  const world = memoryServices();
  const vault = await registeredVault(world);
  await backUp(world, vault);
  const listed = world.ledger.list('audit', { chainId: vault.vaultId });
  return (await Array.fromAsync(listed)).map(({ record }) => record);
}

test('format.md 6.1: the hash of an audit entry follows from the document alone', async () => {
  for (const entry of await chain()) {
    const names = Object.keys(entry.details).sort();
    const pairs = names.map(
      (name) => `[${JSON.stringify(name)},${JSON.stringify(entry.details[name])}]`,
    );
    const text =
      `[${JSON.stringify(entry.chainId)},${entry.sequence},${JSON.stringify(entry.at)},` +
      `${JSON.stringify(entry.actor)},${JSON.stringify(entry.action)},` +
      `${JSON.stringify(entry.result)},${JSON.stringify(entry.reason)},` +
      `${JSON.stringify(entry.requestId)},[${pairs.join(',')}],` +
      `${JSON.stringify(entry.previous)}]`;
    expect(createHash('sha256').update(text).digest('hex')).toBe(entry.hash);
  }
});

test('format.md 6.2: entries count from 1 and name the hash of the one before', async () => {
  const entries = await chain();
  expect(entries.length).toBeGreaterThan(2);
  entries.forEach((entry, index) => {
    expect(entry.sequence).toBe(index + 1);
    expect(entry.previous).toBe(entries[index - 1]?.hash ?? '0'.repeat(64));
  });
});
