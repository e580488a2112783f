/**
 * Frees the memory behind a buffer at once, when the buffer reaches to its end: whoever fills
 * memory piece by piece is done with it then. Left to the garbage collector, a hundred MiB would
 * pile up between two collections, and memory never touched before costs the kernel as much as
 * decrypting does.
 *
 * @param view - one that nobody needs any more, the last one on memory of its own.
 */
export function releaseMemory({ buffer, byteOffset, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteOffset + byteLength === buffer.byteLength) {
    buffer.transfer(0);
  }
}
