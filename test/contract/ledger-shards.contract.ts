import { beforeAll, describe, expect, test } from 'vitest';
import type { Ledger } from '../../shared/ports/ledger.ts';
import { MovableClock } from '../support/movable-clock.ts';
import { samplePart, sampleShard } from '../support/sample-records.ts';
import { SequentialIds } from '../support/sequential-ids.ts';

/** @param open - called once; the ledger is empty then. */
export function describeShardsInLedger(name: string, open: () => Promise<Ledger>): void {
  describe(`ledger contract: ${name}: what shards write`, () => {
    let ledger: Ledger;
    const ids = new SequentialIds(new MovableClock());

    beforeAll(async () => {
      ledger = await open();
    });

    test('parts and shards are found under their own ids', async () => {
      const [vaultId, snapshotId] = [ids.next(), ids.next()];
      const part = samplePart(vaultId, snapshotId, 7);
      const shard = sampleShard(vaultId, snapshotId, 7);
      await ledger.write([part, shard].map((record) => ({ record, expect: 'absent' })));
      const found = await ledger.get('manifest-part', vaultId, snapshotId, 7);
      expect(found).toEqual({ record: part, version: 1 });
      expect(await ledger.get('shard', vaultId, snapshotId, 7)).toEqual({
        record: shard,
        version: 1,
      });
      expect(await ledger.get('shard', vaultId, snapshotId, 8)).toBeUndefined();
    });

    test('those of one snapshot are listed in the order of their numbers', async () => {
      const [vaultId, snapshotId] = [ids.next(), ids.next()];
      const numbers = [0, 2, 10, 1_000_000, 11_000_003];
      const records = [
        ...numbers.toReversed().map((part) => samplePart(vaultId, snapshotId, part)),
        ...numbers.toReversed().map((shard) => sampleShard(vaultId, snapshotId, shard)),
        samplePart(vaultId, ids.next(), 1),
        sampleShard(vaultId, ids.next(), 1),
      ];
      await ledger.write(records.map((record) => ({ record, expect: 'absent' })));
      const of = { vaultId, snapshotId };
      const parts = await Array.fromAsync(ledger.list('manifest-part', of));
      expect(parts.map(({ record }) => record.part)).toEqual(numbers);
      const shards = await Array.fromAsync(ledger.list('shard', of));
      expect(shards.map(({ record }) => record.shard)).toEqual(numbers);
    });
  });
}
