import { beforeAll, describe, expect, test } from 'vitest';
import type { Change, Ledger, Stored } from '../../shared/ports/ledger.ts';
import { MovableClock } from '../support/movable-clock.ts';
import { sampleErasure } from '../support/sample-erasure.ts';
import {
  sampleAuditEntry,
  sampleClient,
  sampleClientHold,
  sampleCoverage,
  sampleHold,
  sampleLegalHold,
  samplePack,
  samplePolicy,
  sampleReading,
  sampleSnapshot,
  sampleVault,
} from '../support/sample-records.ts';
import { SequentialIds } from '../support/sequential-ids.ts';

const AT = '2026-11-02T08:00:00.000Z';

/** @param open - called once; the ledger is empty then. */
export function describeLedgerContract(name: string, open: () => Promise<Ledger>): void {
  describe(`ledger contract: ${name}`, () => {
    let ledger: Ledger;
    const ids = new SequentialIds(new MovableClock());
    const create = (...records: Change['record'][]): Promise<void> =>
      ledger.write(records.map((record) => ({ record, expect: 'absent' })));

    beforeAll(async () => {
      ledger = await open();
    });

    describe('reading and writing', () => {
      test('a record that was never written is undefined', async () => {
        expect(await ledger.get('vault', ids.next())).toBeUndefined();
        expect(await ledger.get('audit', ids.next(), 1)).toBeUndefined();
      });

      test('a record comes back exactly as it was written, at version 1', async () => {
        const vaultId = ids.next();
        const vault = sampleVault(vaultId, { activeRun: { runId: ids.next(), until: AT } });
        const entry = sampleAuditEntry(vaultId, 1);
        const end = { kind: 'installation', audit: vault.audit } as const;
        await create(vault, entry, end);
        expect(await ledger.get('vault', vaultId)).toEqual({ record: vault, version: 1 });
        expect(await ledger.get('installation')).toEqual({ record: end, version: 1 });
        expect(await ledger.get('audit', vaultId, 1)).toEqual({ record: entry, version: 1 });
      });

      test('every kind is found under its own id', async () => {
        const [vaultId, clientId, id] = [ids.next(), ids.next(), ids.next()];
        const reference = `客户 #${clientId} / ü`;
        const keyArn = `arn:aws:kms:eu-central-1:111122223333:key/${id}`;
        const records = [
          sampleClient(clientId),
          { kind: 'client-reference', reference, clientId } as const,
          { kind: 'vault-class', clientId, recordClass: 'engagement', vaultId } as const,
          { kind: 'vault-key', keyArn, vaultId, copy: 'secondary' } as const,
          { kind: 'key-event', chainId: vaultId, eventId: id, expected: true } as const,
          sampleSnapshot(vaultId, id),
          samplePack(vaultId, id),
          sampleErasure(vaultId, id),
          sampleHold(vaultId, id),
          sampleClientHold(clientId, id),
          sampleLegalHold(vaultId, `vaults/${vaultId}/packs/${id}`),
          sampleReading(vaultId, `vaults/${vaultId}/packs/${id}`),
          sampleCoverage(vaultId),
          { kind: 'protection', vaultId, newest: null, locksAskedAt: null } as const,
          samplePolicy('books', 12),
        ];
        await create(...records);
        const found = await Promise.all([
          ledger.get('client', clientId),
          ledger.get('client-reference', reference),
          ledger.get('vault-class', clientId, 'engagement'),
          ledger.get('vault-key', keyArn),
          ledger.get('key-event', vaultId, id),
          ledger.get('snapshot', vaultId, id),
          ledger.get('pack', vaultId, id),
          ledger.get('erasure', vaultId, id),
          ledger.get('hold', vaultId, id),
          ledger.get('client-hold', clientId, id),
          ledger.get('legal-hold', vaultId, `vaults/${vaultId}/packs/${id}`),
          ledger.get('reading', vaultId, `vaults/${vaultId}/packs/${id}`),
          ledger.get('coverage', vaultId),
          ledger.get('protection', vaultId),
          ledger.get('policy', 'books', 12),
        ]);
        expect(found.map((stored) => stored?.record)).toEqual(records);
      });

      test('each replacement raises the version by one', async () => {
        const vault = sampleVault(ids.next());
        await create(vault);
        await ledger.write([{ record: { ...vault, holds: 1 }, expect: 1 }]);
        await ledger.write([{ record: { ...vault, holds: 2 }, expect: 2 }]);
        const stored = await ledger.get('vault', vault.vaultId);
        expect(stored).toEqual({ record: { ...vault, holds: 2 }, version: 3 });
      });
    });

    describe('conflicts', () => {
      test('a record that exists is not created again', async () => {
        const vault = sampleVault(ids.next());
        await create(vault);
        await expect(create({ ...vault, holds: 9 })).rejects.toMatchObject({
          code: 'LEDGER_CONFLICT',
          data: { record: `vault ${vault.vaultId}` },
        });
        expect((await ledger.get('vault', vault.vaultId))?.record.holds).toBe(0);
      });

      test('a writer that saw an older version is refused', async () => {
        const vault = sampleVault(ids.next());
        await create(vault);
        await ledger.write([{ record: { ...vault, holds: 1 }, expect: 1 }]);
        const late = ledger.write([{ record: { ...vault, holds: 5 }, expect: 1 }]);
        await expect(late).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' });
        expect((await ledger.get('vault', vault.vaultId))?.record.holds).toBe(1);
      });

      test('a record that is gone from under its writer is refused', async () => {
        const vault = sampleVault(ids.next());
        const write = ledger.write([{ record: vault, expect: 3 }]);
        await expect(write).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' });
      });

      test('one refused change undoes all, and the first refused record is named', async () => {
        const [vaultId, holdId] = [ids.next(), ids.next()];
        const hold = sampleHold(vaultId, holdId);
        await create(hold);
        const write = ledger.write([
          { record: sampleVault(vaultId), expect: 'absent' },
          { record: { ...hold, reason: 'other' }, expect: 'absent' },
          { record: sampleAuditEntry(vaultId, 1), expect: 7 },
        ]);
        await expect(write).rejects.toMatchObject({ data: { record: `hold ${holdId}` } });
        expect(await ledger.get('vault', vaultId)).toBeUndefined();
        expect(await ledger.get('audit', vaultId, 1)).toBeUndefined();
      });

      test("a conflict does not tell a client's reference", async () => {
        const clientId = ids.next();
        const reference = `secret-${clientId}`;
        const record = { kind: 'client-reference', reference, clientId } as const;
        await create(record);
        const taken = await create({ ...record, clientId: ids.next() }).catch((error) => error);
        expect(taken).toMatchObject({ code: 'LEDGER_CONFLICT' });
        expect(taken.message).not.toContain(reference);
      });

      test('of writers that race, exactly one wins', async () => {
        const vault = sampleVault(ids.next());
        await create(vault);
        const writes = [1, 2, 3, 4].map((holds) =>
          ledger.write([{ record: { ...vault, holds }, expect: 1 }]),
        );
        const outcomes = await Promise.allSettled(writes);
        const won = outcomes.flatMap((o, index) => (o.status === 'fulfilled' ? [index + 1] : []));
        expect(won).toHaveLength(1);
        for (const outcome of outcomes.filter((o) => o.status === 'rejected')) {
          expect(outcome.reason).toMatchObject({ code: 'LEDGER_CONFLICT' });
        }
        const stored = await ledger.get('vault', vault.vaultId);
        expect(stored).toMatchObject({ version: 2, record: { holds: won[0] } });
      });

      test('repeating exactly the same write is harmless', async () => {
        const vault = sampleVault(ids.next());
        const first: Change[] = [{ record: vault, expect: 'absent' }];
        await ledger.write(first);
        await ledger.write(first);
        const second: Change[] = [
          { record: { ...vault, holds: 1 }, expect: 1 },
          { record: sampleAuditEntry(vault.vaultId, 1), expect: 'absent' },
        ];
        await ledger.write(second);
        await ledger.write(second);
        expect((await ledger.get('vault', vault.vaultId))?.version).toBe(2);
      });
    });

    describe('removals', () => {
      test('what is removed is neither found nor listed, and can be made anew', async () => {
        const [vaultId, packId] = [ids.next(), ids.next()];
        const pack = samplePack(vaultId, packId);
        await create(pack, samplePack(vaultId, ids.next()));
        await ledger.write([
          { record: pack, expect: 1, removes: true },
          { record: sampleAuditEntry(vaultId, 1), expect: 'absent' },
        ]);
        expect(await ledger.get('pack', vaultId, packId)).toBeUndefined();
        expect(await recordsOf(ledger.list('pack', { vaultId }))).toHaveLength(1);
        await create(pack);
        expect((await ledger.get('pack', vaultId, packId))?.version).toBe(1);
      });

      test('a record that was changed since is not removed, nor is anything else', async () => {
        const [vaultId, packId] = [ids.next(), ids.next()];
        const pack = samplePack(vaultId, packId);
        const other = samplePack(vaultId, ids.next());
        await create(pack, other);
        await ledger.write([{ record: { ...pack, size: 4 }, expect: 1 }]);
        const late = ledger.write([
          { record: other, expect: 1, removes: true },
          { record: pack, expect: 1, removes: true },
        ]);
        await expect(late).rejects.toMatchObject({ data: { record: `pack ${packId}` } });
        expect(await recordsOf(ledger.list('pack', { vaultId }))).toHaveLength(2);
      });

      test('repeating a removal after a lost answer is harmless', async () => {
        const [vaultId, packId] = [ids.next(), ids.next()];
        const pack = samplePack(vaultId, packId);
        await create(pack);
        const removal: Change[] = [
          { record: pack, expect: 1, removes: true },
          { record: sampleAuditEntry(vaultId, 1), expect: 'absent' },
        ];
        await ledger.write(removal);
        await ledger.write(removal);
        expect(await ledger.get('pack', vaultId, packId)).toBeUndefined();
      });

      test('what is removed waits in no queue any more', async () => {
        const vault = sampleVault(ids.next(), { nextBackupAt: '2026-01-05T00:00:00.000Z' });
        await create(vault);
        await ledger.write([{ record: vault, expect: 1, removes: true }]);
        const due = await Array.fromAsync(ledger.due('backup', new Date('2026-01-06T00:00:00Z')));
        expect(due).not.toContain(vault.vaultId);
      });
    });

    describe('size of a write', () => {
      test('100 records are written at once', async () => {
        const vaultId = ids.next();
        const packs = Array.from({ length: 100 }, () => samplePack(vaultId, ids.next()));
        await create(...packs);
        expect(await recordsOf(ledger.list('pack', { vaultId }))).toEqual(packs);
      });

      test.each([0, 101])('%i records are refused', async (length) => {
        const vaultId = ids.next();
        const packs = Array.from({ length }, () => samplePack(vaultId, ids.next()));
        await expect(create(...packs)).rejects.toThrow(RangeError);
        expect(await recordsOf(ledger.list('pack', { vaultId }))).toEqual([]);
      });

      test('a record written twice at once is refused', async () => {
        const pack = samplePack(ids.next(), ids.next());
        await expect(create(pack, pack)).rejects.toThrow(RangeError);
      });
    });

    describe('lists', () => {
      test('a list holds one kind under one parent in order of ids, and at once', async () => {
        const [vaultId, other] = [ids.next(), ids.next()];
        const made = [ids.next(), ids.next(), ids.next()];
        for (const snapshotId of made.toReversed()) {
          await create(sampleSnapshot(vaultId, snapshotId));
        }
        await create(sampleSnapshot(other, ids.next()), sampleHold(vaultId, ids.next()));
        const snapshots = await recordsOf(ledger.list('snapshot', { vaultId }));
        expect(snapshots.map(({ snapshotId }) => snapshotId)).toEqual(made);
      });

      test('readings are listed in the order of their object keys', async () => {
        const vaultId = ids.next();
        const keys = ['packs/B', 'snapshots/A/manifest-0', 'snapshots/A/manifest-10', 'z'].map(
          (name) => `vaults/${vaultId}/${name}`,
        );
        await create(...keys.toReversed().map((key) => sampleReading(vaultId, key)));
        await create(sampleCoverage(vaultId));
        const readings = await recordsOf(ledger.list('reading', { vaultId }));
        expect(readings.map(({ key }) => key)).toEqual(keys);
      });

      test('a list of nothing is empty', async () => {
        expect(await recordsOf(ledger.list('hold', { vaultId: ids.next() }))).toEqual([]);
      });

      test("a client's vaults are listed as they are now", async () => {
        const [clientId, first, second] = [ids.next(), ids.next(), ids.next()];
        await create(sampleVault(second, { clientId }), sampleVault(first, { clientId }));
        await create(sampleVault(ids.next(), { clientId: ids.next() }));
        await ledger.write([{ record: sampleVault(second, { clientId, holds: 1 }), expect: 1 }]);
        const vaults: Stored<'vault'>[] = [];
        for await (const stored of ledger.list('vault', { clientId })) {
          vaults.push(stored);
        }
        const seen = vaults.map(({ record, version }) => [record.vaultId, record.holds, version]);
        expect(seen).toEqual([
          [first, 0, 1],
          [second, 1, 2],
        ]);
      });

      test('policies come by id and version, apart from clients', async () => {
        const policies = [samplePolicy('own', 2), samplePolicy('own', 10), samplePolicy('own2', 1)];
        await create(...policies.toReversed());
        const listed = await recordsOf(ledger.list('policy', null));
        expect(listed.filter(({ policyId }) => policyId.startsWith('own'))).toEqual(policies);
        const clients = await recordsOf(ledger.list('client', null));
        expect(clients.map(({ kind }) => kind)).not.toContain('policy');
      });

      test('all clients are listed in order of their ids', async () => {
        const made = [ids.next(), ids.next(), ids.next()];
        await create(...made.toReversed().map((clientId) => sampleClient(clientId)));
        const clients = await recordsOf(ledger.list('client', null));
        const seen = clients.map(({ clientId }) => clientId);
        expect(seen.filter((clientId) => made.includes(clientId))).toEqual(made);
        expect(seen).toEqual(seen.toSorted());
      });

      test('audit entries are listed by number, 10 after 9, and between bounds', async () => {
        const chainId = ids.next();
        await create(...[10, 2, 9, 1, 100].map((n) => sampleAuditEntry(chainId, n)));
        const listed = async (bounds: { after?: number; upTo?: number }) =>
          (await recordsOf(ledger.list('audit', { chainId, ...bounds }))).map((e) => e.sequence);
        const bounds = [{}, { after: 2 }, { after: 1, upTo: 10 }, { after: 10, upTo: 99 }];
        const found = await Promise.all([...bounds, { after: 9, upTo: 2 }].map(listed));
        expect(found).toEqual([[1, 2, 9, 10, 100], [9, 10, 100], [2, 9, 10], [], []]);
      });
    });

    describe('work that is due', () => {
      // Each test uses days of its own, because the queues are shared.
      const due = async (work: 'backup' | 'erasure', at: string, known: string[]) => {
        const found: string[] = [];
        for await (const vaultId of ledger.due(work, new Date(at))) {
          if (known.includes(vaultId)) {
            found.push(vaultId);
          }
        }
        return found;
      };

      test('backups are due from their instant on, the longest due first', async () => {
        const [late, early, idle, erased] = [ids.next(), ids.next(), ids.next(), ids.next()];
        await create(
          sampleVault(late, { nextBackupAt: '2026-03-02T00:00:00.000Z' }),
          sampleVault(early, { nextBackupAt: '2026-03-01T00:00:00.000Z' }),
          sampleVault(idle, { nextBackupAt: null }),
          sampleVault(erased, { state: 'ERASE_PENDING', nextBackupAt: AT }),
        );
        const known = [late, early, idle, erased];
        expect(await due('backup', '2026-02-28T23:59:59.999Z', known)).toEqual([]);
        expect(await due('backup', '2026-03-01T00:00:00.000Z', known)).toEqual([early]);
        expect(await due('backup', '2030-01-01T00:00:00.000Z', known)).toEqual([early, late]);
      });

      test('a vault moves in the queue when its next backup moves', async () => {
        const vault = sampleVault(ids.next(), { nextBackupAt: '2026-03-01T00:00:00.000Z' });
        await create(vault);
        const moved = { ...vault, nextBackupAt: '2026-04-01T00:00:00.000Z' };
        await ledger.write([{ record: moved, expect: 1 }]);
        expect(await due('backup', '2026-03-15T00:00:00.000Z', [vault.vaultId])).toEqual([]);
        const stopped = { ...vault, nextBackupAt: null };
        await ledger.write([{ record: stopped, expect: 2 }]);
        expect(await due('backup', '2027-03-15T00:00:00.000Z', [vault.vaultId])).toEqual([]);
      });

      test.each([
        ['REQUESTED', false],
        ['APPROVED', true],
        ['SCHEDULED', true],
        ['DESTROYING', true],
        ['DESTROYED', true],
        ['CANCELLING', true],
        ['ERASED', false],
        ['CANCELLED', false],
      ] as const)('an erasure that is %s is due: %s', async (state, isDue) => {
        const vaultId = ids.next();
        const graceUntil = '2026-06-01T00:00:00.000Z';
        const approvedAt = state === 'REQUESTED' ? null : AT;
        await create(sampleErasure(vaultId, ids.next(), { state, approvedAt, graceUntil }));
        expect(await due('erasure', AT, [vaultId])).toEqual(isDue ? [vaultId] : []);
      });

      test('a suspended erasure is due when its grace has ended', async () => {
        const vaultId = ids.next();
        const graceUntil = '2026-11-05T08:00:00.000Z';
        const rest = { state: 'SUSPENDED', approvedAt: AT, graceUntil } as const;
        await create(sampleErasure(vaultId, ids.next(), rest));
        expect(await due('erasure', '2026-11-05T07:59:59.999Z', [vaultId])).toEqual([]);
        expect(await due('erasure', graceUntil, [vaultId])).toEqual([vaultId]);
      });
    });
  });
}

async function recordsOf<Record>(
  stored: AsyncIterable<{ readonly record: Record }>,
): Promise<Record[]> {
  return (await Array.fromAsync(stored)).map(({ record }) => record);
}
