/**
 * The two Regions of an installation. Each holds one locked copy of every object and one KMS key
 * per vault. They are peers when reading; `primary` also holds the ledger's first replica and the
 * functions.
 */
export const COPY_NAMES = ['primary', 'secondary'] as const;

export type CopyName = (typeof COPY_NAMES)[number];

/** One value per copy, such as the key ARN or the version id in each Region. */
export type PerCopy<T> = Readonly<Record<CopyName, T>>;

/** @returns the other Region's name. */
export function otherCopy(name: CopyName): CopyName {
  return name === 'primary' ? 'secondary' : 'primary';
}

/** @returns whether an object has a version in each copy. */
export function isInBoth({ versions }: { readonly versions: PerCopy<string | null> }): boolean {
  return versions.primary !== null && versions.secondary !== null;
}

/** @returns what `value` gives for each copy. */
export function inBoth<T>(value: (name: CopyName) => T): PerCopy<T> {
  return { primary: value('primary'), secondary: value('secondary') };
}

/** @returns whether an object has a version in a copy; what was only announced has none. */
export function isInAny({ versions }: { readonly versions: PerCopy<string | null> }): boolean {
  return versions.primary !== null || versions.secondary !== null;
}

/**
 * Calls `work` for both copies at once and gathers the answers. It ends when both have ended, so
 * that a failure of one never leaves the other half done: Lambda freezes what a function that has
 * answered was still waiting for.
 *
 * @throws the failure of the primary copy, or else of the secondary.
 */
export async function inBothCopies<T>(work: (name: CopyName) => Promise<T>): Promise<PerCopy<T>> {
  const outcomes = await Promise.allSettled(COPY_NAMES.map(async (name) => work(name)));
  const [primary, secondary] = outcomes.map((outcome) => {
    if (outcome.status === 'rejected') {
      throw outcome.reason;
    }
    return outcome.value;
  }) as [T, T];
  return { primary, secondary };
}
