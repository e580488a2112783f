/**
 * Regroups chunks of any length into parts of exactly `partBytes`; only the last may be shorter.
 * An empty body gives no part. At most one part is held in memory, besides the chunk at hand.
 */
export async function* splitIntoParts(
  body: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of body) {
    let rest = chunk;
    while (held + rest.length >= partBytes) {
      const taken = partBytes - held;
      yield Buffer.concat([...pieces, rest.subarray(0, taken)]);
      rest = rest.subarray(taken);
      pieces = [];
      held = 0;
    }
    if (rest.length > 0) {
      pieces.push(rest);
      held += rest.length;
    }
  }
  if (held > 0) {
    yield Buffer.concat(pieces);
  }
}
