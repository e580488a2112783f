/** Prints the story, checks what it claims, and remembers which claims did not hold. */
export class Proofs {
  readonly #failed: string[] = [];
  #held = 0;
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  chapter(title: string): void {
    this.#print(`\n${title}`);
  }

  tell(line: string): void {
    this.#print(`    ${line}`);
  }

  /**
   * Claims `sentence` and proves it by `check`, which answers with what it saw, or throws.
   * A failed proof is printed at once; the story goes on so that all failures are seen.
   */
  async prove(sentence: string, check: () => Promise<string>): Promise<void> {
    try {
      const seen = await check();
      this.#held += 1;
      this.#print(`  ✓ ${sentence}\n      ${seen}`);
    } catch (error) {
      this.#failed.push(sentence);
      const reason = error instanceof Error ? error.message : String(error);
      this.#print(`  ✗ ${sentence}\n      NOT PROVED: ${reason}`);
    }
  }

  get failed(): readonly string[] {
    return this.#failed;
  }

  get held(): number {
    return this.#held;
  }
}

/** @throws Error with `problem` unless `condition` holds. */
export function ensure(condition: boolean, problem: string): asserts condition {
  if (!condition) {
    throw new Error(problem);
  }
}
