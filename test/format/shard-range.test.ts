import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PerCopy } from '../../shared/domain/copy-name.ts';
import { openRange, type RangeIdentity, sealRange } from '../../shared/format/shard-range.ts';
import { memoryServices } from '../support/memory-services.ts';

const VAULT = '01M6DMBE000000000000000002';
const IDENTITY: RangeIdentity = { vaultId: VAULT, snapshotId: VAULT, object: 'range/3' };
const ORIGIN = { copy: 'primary', object: 'range of shard 3' } as const;

const { custody } = memoryServices().services;
let keys: PerCopy<string>;

beforeAll(async () => {
  ({ keys } = await custody.create(VAULT, 'dedicated'));
});

describe('format.md 2.6: the range of a shard', () => {
  test('comes back from the ledger as it was, whatever its paths', async () => {
    const end = fc.option(fc.string({ unit: 'grapheme', minLength: 1 }));
    await fc.assert(
      fc.asyncProperty(fc.record({ after: end, upTo: end }), async (range) => {
        const text = await sealRange(custody.wrapping(keys), IDENTITY, range);
        for (const copy of ['primary', 'secondary'] as const) {
          const keyring = custody.unwrapping(keys, copy);
          expect(await openRange(keyring, IDENTITY, text, ORIGIN)).toEqual(range);
        }
      }),
      { numRuns: 15 },
    );
  });

  test('says nothing to those who have no key', async () => {
    const range = { after: 'clients/张三/', upTo: 'clients/李四/' };
    const text = await sealRange(custody.wrapping(keys), IDENTITY, range);
    expect(Buffer.from(text, 'base64').toString('utf8')).not.toMatch(/clients|张三|李四/);
  });

  test('cannot be taken for that of another shard', async () => {
    const text = await sealRange(custody.wrapping(keys), IDENTITY, { after: null, upTo: 'a' });
    const other = { ...IDENTITY, object: 'range/4' } as const;
    const opened = openRange(custody.unwrapping(keys, 'primary'), other, text, ORIGIN);
    await expect(opened).rejects.toMatchObject({
      code: 'OBJECT_DAMAGED',
      data: { problem: 'belongs to another object' },
    });
  });
});
