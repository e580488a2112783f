import { describe, expect, test } from 'vitest';
import { RecordWriter } from '../../shared/restore/record-writer.ts';
import { recordOf } from '../contract/target.contract.ts';
import { MemoryTarget } from '../support/memory-target.ts';
import { inPieces, ORIGIN } from '../support/read-message.ts';

const SMALL = Buffer.from('minutes');
const LARGE = Buffer.alloc(1_200_000, 'x');

function writerTo(target: MemoryTarget): RecordWriter {
  return new RecordWriter({ patterns: [], from: 'any', target, overwrite: false }, () => undefined);
}

function packed(name: string, bytes: Buffer) {
  return { name, size: bytes.length, body: inPieces(bytes) };
}

describe('a record out of a pack', () => {
  test.each([
    ['small', SMALL],
    ['large', LARGE],
  ])(
    'format.md 4.5: a %s one that is not what the manifest says does not appear',
    async (_, bytes) => {
      const changed = Buffer.from(bytes);
      changed[3] = 0;
      for (const wrong of [changed, bytes.subarray(1), Buffer.concat([bytes, SMALL])]) {
        const target = new MemoryTarget();
        const writer = writerTo(target);
        const record = recordOf('a', bytes);
        const writing = writer.write(record, packed('a', wrong), ORIGIN, () => undefined);
        await expect(writing).rejects.toMatchObject({ code: 'OBJECT_DAMAGED', data: ORIGIN });
        await writer.settle();
        expect(target.files.size).toBe(0);
      }
    },
  );

  test('a failing target is told by the next call, and nothing is counted', async () => {
    const target = new MemoryTarget();
    target.writable = false;
    const written: string[] = [];
    const writer = writerTo(target);
    const record = recordOf('a', SMALL);
    await writer.write(record, packed('a', SMALL), ORIGIN, () => written.push('a'));
    await expect(writer.settle()).rejects.toMatchObject({ code: 'TARGET_UNWRITABLE' });
    expect(written).toEqual([]);
  });

  test('small ones are written side by side, never more than sixteen', async () => {
    const target = new MemoryTarget();
    let open = 0;
    let most = 0;
    const inner = target.write.bind(target);
    target.write = async (...args) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setImmediate(resolve));
      await inner(...args);
      open -= 1;
    };
    const writer = writerTo(target);
    for (let index = 0; index < 50; index += 1) {
      const record = recordOf(`${index}`, SMALL);
      await writer.write(record, packed(`${index}`, SMALL), ORIGIN, () => undefined);
    }
    await writer.settle();
    expect(target.files.size).toBe(50);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(16);
  });
});
