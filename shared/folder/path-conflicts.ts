/**
 * Finds paths that cannot lie in one folder side by side: a file below another file, and, where the
 * file system takes some names for the same, two of those.
 */
export class PathConflicts {
  /** Files that the last path begins with, outermost first. */
  #open: string[] = [];
  readonly #fold: ((path: string) => string) | null;
  readonly #seen = new Set<string>();

  /** @param fold - maps names that the file system takes for the same to one; `null` for none. */
  constructor(fold: ((path: string) => string) | null) {
    this.#fold = fold;
  }

  /**
   * @param path - each once, in ascending UTF-8 byte order.
   * @returns whether it conflicts with a path added before.
   */
  add(path: string): boolean {
    while (this.#open.length > 0 && !path.startsWith(this.#open.at(-1) ?? '')) {
      this.#open.pop();
    }
    const isBelowFile = this.#open.some((file) => path.startsWith(`${file}/`));
    this.#open.push(path);
    return isBelowFile || this.#isFoldedTwin(path);
  }

  #isFoldedTwin(path: string): boolean {
    if (this.#fold === null) {
      return false;
    }
    const folded = this.#fold(path);
    const isTwin = this.#seen.has(folded);
    this.#seen.add(folded);
    return isTwin;
  }
}

/** Takes names for the same that differ in case or in how accents are composed. */
export function foldPath(path: string): string {
  return path.normalize('NFC').toLowerCase().normalize('NFC');
}
