import type { PerCopy } from '../../shared/domain/copy-name.ts';
import type { Copy } from '../../shared/ports/copy.ts';

interface Extension {
  /** Which version of which object in which copy, and until when: one grid step of its lock. */
  readonly step: string;
  isExcused: boolean;
}

/**
 * Counts how often a copy is asked to extend a lock. Each object is to be extended once per grid
 * step; excused is what could not be known: an answer that a killed function did not record, what
 * a restored ledger has forgotten, and what is asked while a copy is down or being repaired.
 */
export class ExtensionLog {
  readonly #extensions: Extension[] = [];
  /** Whether what is asked now is excused. */
  isExcused = false;

  /** Wraps both copies so that extensions are counted. */
  watch({ primary, secondary }: PerCopy<Copy>): PerCopy<Copy> {
    return { primary: this.#watchOne(primary), secondary: this.#watchOne(secondary) };
  }

  /** Remembers this moment for `excuseSince`. */
  mark(): number {
    return this.#extensions.length;
  }

  /** Excuses everything that was asked since a moment. */
  excuseSince(mark: number): void {
    for (const extension of this.#extensions.slice(mark)) {
      extension.isExcused = true;
    }
  }

  /** @returns how many extensions were asked for, and the most for one object and grid step. */
  figures(): { extensions: number; mostPerStep: number } {
    const perStep = new Map<string, number>();
    for (const { step, isExcused } of this.#extensions) {
      if (!isExcused) {
        perStep.set(step, (perStep.get(step) ?? 0) + 1);
      }
    }
    const mostPerStep = Math.max(0, ...new Set(perStep.values()));
    return { extensions: this.#extensions.length, mostPerStep };
  }

  #watchOne(copy: Copy): Copy {
    return new Proxy(copy, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') {
          return member;
        }
        return (...args: unknown[]) => {
          if (name === 'extendLock') {
            const [key, version, until] = args as [string, string, Date];
            const step = `${target.name} ${key} ${version} ${until.toISOString()}`;
            this.#extensions.push({ step, isExcused: this.isExcused });
          }
          return Reflect.apply(member, target, args);
        };
      },
    });
  }
}
