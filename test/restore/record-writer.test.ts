import { describe, expect, test } from 'vitest';
import { VerifiedRecord } from '../../shared/format/verified-record.ts';
import { RecordWriter } from '../../shared/restore/record-writer.ts';
import { recordOf } from '../contract/target.contract.ts';
import { MemoryTarget } from '../support/memory-target.ts';
import { ORIGIN } from '../support/read-message.ts';
import { packedInPieces, packedWhole, verifiedWhole } from '../support/verified-content.ts';

const SMALL = Buffer.from('minutes');
const LARGE = Buffer.alloc(1_200_000, 'x');

function writerTo(target: MemoryTarget, onWritten: () => void = () => undefined): RecordWriter {
  return new RecordWriter({ patterns: [], from: 'any', target, overwrite: false }, onWritten);
}

describe('a record out of a pack', () => {
  test.each([
    ['small', SMALL, packedWhole],
    ['large', LARGE, packedInPieces],
  ])(
    'format.md 4.5: a %s one that is not what the manifest says does not appear',
    async (_, bytes, packed) => {
      const changed = Buffer.from(bytes);
      changed[3] = 0;
      for (const wrong of [changed, bytes.subarray(1), Buffer.concat([bytes, SMALL])]) {
        const target = new MemoryTarget();
        const writer = writerTo(target);
        const writing = async () =>
          writer.write(new VerifiedRecord(recordOf('a', bytes), packed('a', wrong), ORIGIN));
        await expect(writing()).rejects.toMatchObject({ code: 'OBJECT_DAMAGED', data: ORIGIN });
        await writer.settle();
        expect(target.files.size).toBe(0);
      }
    },
  );

  test('a failing target is told by the next call, and nothing is counted', async () => {
    const target = new MemoryTarget();
    target.writable = false;
    let written = 0;
    const writer = writerTo(target, () => {
      written += 1;
    });
    await writer.write(verifiedWhole(recordOf('a', SMALL), SMALL));
    await expect(writer.settle()).rejects.toMatchObject({ code: 'TARGET_UNWRITABLE' });
    expect(written).toBe(0);
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
      await writer.write(verifiedWhole(recordOf(`${index}`, SMALL), SMALL));
    }
    await writer.settle();
    expect(target.files.size).toBe(50);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(16);
  });
});
