import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import type { TurnOptions } from '../../shared/backup/turn-options.ts';
import { isRecord } from '../../shared/format/manifest-record.ts';
import { CopyChoice } from '../../shared/snapshot/copy-choice.ts';
import { readLines } from '../../shared/snapshot/read-records.ts';
import { partsOf, restoredFrom, sourceOf } from '../support/backed-up-vault.ts';
import { livingInstallation, OPERATOR, registeredVault } from '../support/living-installation.ts';

/** Paths on both sides of what is hard to sort. */
const path = fc
  .array(fc.constantFrom('a', 'b', '/', '!', 'é', 'e\u0301', '会', '\uffff', '😀', '\n', '..'), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join(''));

/** A record's new text; `null`: it is deleted, `denied`: it cannot be read. */
const change = fc.record({
  path,
  to: fc.oneof(fc.string({ maxLength: 30 }), fc.constant(null), fc.constant({ denied: true })),
});
const rounds = fc.array(fc.array(change, { minLength: 1, maxLength: 30 }), {
  minLength: 1,
  maxLength: 3,
});

type Rounds = typeof rounds extends fc.Arbitrary<infer Value> ? Value : never;

/** Backs up after every round. @returns all that one can see of the snapshots. */
async function backUpAll(changes: Rounds, options: TurnOptions) {
  const world = livingInstallation();
  const vault = await registeredVault(world);
  const source = sourceOf(world, vault);
  const seen = [];
  let shards = 0;
  for (const round of changes) {
    for (const { path, to } of round) {
      if (to === null) {
        source.delete(path);
      } else if (typeof to === 'string') {
        source.put(path, to);
        source.unreadable.delete(path);
      } else {
        source.put(path, 'nobody may read this');
        source.unreadable.set(path, 'denied');
      }
    }
    const run = await requestBackup(world.services, OPERATOR, vault.vaultId);
    const snapshot = await runBackup(world.services, run, options);
    const { vaultId, snapshotId } = snapshot;
    const manifests = await partsOf(world, snapshot);
    const access = { services: world.services, keys: vault.keys, choice: new CopyChoice('any') };
    const lines = await Array.fromAsync(readLines(access, { vaultId, snapshotId, manifests }));
    const { packs: _, packBytes: __, ...counts } = snapshot.counts;
    seen.push({
      // Packs have other ids, and their records are divided in other ways.
      lines: lines.flat().map((line) => (isRecord(line) ? { ...line, pack: '' } : line)),
      restored: await restoredFrom(world, vault, snapshot, 'any'),
      counts,
    });
    const listed = await Array.fromAsync(world.ledger.list('shard', { vaultId, snapshotId }));
    shards = Math.max(shards, listed.length);
  }
  return { seen, shards };
}

test('in however many shards a vault is backed up, its snapshots are the same', async () => {
  let most = 0;
  await fc.assert(
    fc.asyncProperty(rounds, fc.integer({ min: 1, max: 3 }), async (changes, shardRecords) => {
      const whole = await backUpAll(changes, {});
      const sharded = await backUpAll(changes, { shardRecords, packBytes: 60 });
      expect(sharded.seen).toEqual(whole.seen);
      expect(whole.shards).toBe(1);
      most = Math.max(most, sharded.shards);
    }),
    { numRuns: 12 },
  );
  expect(most).toBeGreaterThan(1);
}, 180_000);
