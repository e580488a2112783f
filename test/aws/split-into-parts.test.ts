import { expect, test } from 'vitest';
import { splitIntoParts } from '../../shared/aws/split-into-parts.ts';

async function partsOf(chunks: string[], partBytes: number): Promise<string[]> {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield* chunks.map((chunk) => Buffer.from(chunk));
  }
  const parts: string[] = [];
  for await (const part of splitIntoParts(body(), partBytes)) {
    parts.push(part.toString());
  }
  return parts;
}

test.each([
  [[], []],
  [[''], []],
  [['ab'], ['ab']],
  [['abc'], ['abc']],
  [['abcd'], ['abc', 'd']],
  [
    ['a', 'b', 'c', 'd'],
    ['abc', 'd'],
  ],
  [
    ['ab', 'cdefghij', '', 'k'],
    ['abc', 'def', 'ghi', 'jk'],
  ],
  [['abcdef'], ['abc', 'def']],
])('%j becomes %j in parts of 3 bytes', async (chunks, parts) => {
  expect(await partsOf(chunks, 3)).toEqual(parts);
});
