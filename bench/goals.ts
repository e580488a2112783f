/** A number that was to be reached. */
export interface Goal {
  readonly what: string;
  /** As text, such as `<= 400 MiB`. */
  readonly goal: string;
  readonly measured: number;
  readonly met: boolean;
}

/** @returns the goal that `measured` is `limit` or less. */
export function atMost(what: string, limit: number, unit: string, measured: number): Goal {
  return { what, goal: `<= ${limit} ${unit}`, measured: rounded(measured), met: measured <= limit };
}

/** @returns the goal that `measured` is `limit` or more. */
export function atLeast(what: string, limit: number, unit: string, measured: number): Goal {
  return { what, goal: `>= ${limit} ${unit}`, measured: rounded(measured), met: measured >= limit };
}

/** @returns the goal that `measured` is exactly `value`. */
export function exactly(what: string, value: number, unit: string, measured: number): Goal {
  return { what, goal: `= ${value} ${unit}`, measured: rounded(measured), met: measured === value };
}

/** @returns the middle of the values; the mean of the two middle ones when their number is even. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return (low + high) / 2;
}

/** @returns the value with three decimals at most. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
