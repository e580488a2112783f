/**
 * Regroups chunks of any length into parts of exactly `partBytes`; only the last may be shorter.
 * An empty body gives no part. One part is held in memory, besides the chunk at hand; each is
 * memory of its own, while chunks need be valid only until the next one is asked for.
 */
export async function* splitIntoParts(
  body: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Buffer> {
  let part = Buffer.alloc(0);
  let held = 0;
  for await (const chunk of body) {
    for (let from = 0; from < chunk.length; ) {
      if (held === 0) {
        part = Buffer.allocUnsafe(partBytes);
      }
      const taken = chunk.subarray(from, from + partBytes - held);
      part.set(taken, held);
      held += taken.length;
      from += taken.length;
      if (held === partBytes) {
        yield part;
        held = 0;
      }
    }
  }
  if (held > 0) {
    yield part.subarray(0, held);
  }
}
