/**
 * Compares by UTF-8 bytes, the order in which S3 lists keys and manifests are sorted. JavaScript's
 * `<` compares UTF-16 units and puts characters beyond U+FFFF too early.
 */
export function compareUtf8(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const difference = rank(left.charCodeAt(index)) - rank(right.charCodeAt(index));
    if (difference !== 0) {
      return difference;
    }
  }
  return left.length - right.length;
}

/** Moves surrogates (characters beyond U+FFFF) behind all other UTF-16 units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
