import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { resumingBody } from '../../shared/aws/resuming-body.ts';

const CONTENT = 'abcdefghij';

/** Gives the content from an offset on and breaks after `length` bytes. */
function brokenAfter(offset: number, length: number): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    yield Buffer.from(CONTENT.slice(offset, offset + length));
    if (offset + length < CONTENT.length) {
      throw new Error('ECONNRESET');
    }
  }
  return Readable.from(chunks(), { objectMode: false });
}

function open(first: number, further: number) {
  const offsets: number[] = [];
  const body = resumingBody({
    first: brokenAfter(0, first),
    size: CONTENT.length,
    reopen: async (offset) => {
      offsets.push(offset);
      return brokenAfter(offset, further);
    },
    fault: () => new Error('gave up'),
  });
  return { body, offsets };
}

describe('a body whose connection breaks', () => {
  test('goes on where it stopped', async () => {
    const { body, offsets } = open(4, 100);
    expect(await text(body)).toBe(CONTENT);
    expect(offsets).toEqual([4]);
  });

  test('gives up after three resumptions', async () => {
    const { body, offsets } = open(1, 1);
    await expect(text(body)).rejects.toThrow('gave up');
    expect(offsets).toEqual([1, 2, 3]);
  });

  test('that ends early without an error is resumed as well', async () => {
    const body = resumingBody({
      first: Readable.from([Buffer.from('abc')], { objectMode: false }),
      size: CONTENT.length,
      reopen: async (offset) => brokenAfter(offset, 100),
      fault: () => new Error('gave up'),
    });
    expect(await text(body)).toBe(CONTENT);
  });

  test('is not opened again when its reader leaves in the middle', async () => {
    const first = Readable.from([Buffer.from('abc'), Buffer.from('def')], { objectMode: false });
    let reopened = 0;
    const reopen = async () => {
      reopened += 1;
      return brokenAfter(3, 100);
    };
    const body = resumingBody({ first, size: 10, reopen, fault: () => new Error('gave up') });
    for await (const chunk of body) {
      expect(String(chunk)).toBe('abc');
      break;
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect([first.destroyed, reopened]).toEqual([true, 0]);
  });

  test('is closed when its reader leaves before reading', async () => {
    const first = brokenAfter(0, 100);
    const reopen = async () => brokenAfter(0, 100);
    const body = resumingBody({ first, size: 10, reopen, fault: () => new Error('gave up') });
    await new Promise<void>((resolve) => first.once('close', resolve) && body.destroy());
    expect(first.destroyed).toBe(true);
  });
});
