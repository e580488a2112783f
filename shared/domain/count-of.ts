const GROUPED = new Intl.NumberFormat('en-US');

/** @returns a number as people read it, with marks between thousands: `12,345`. */
export function grouped(number: number): string {
  return GROUPED.format(number);
}

/** @returns `1 record`, `12,345 records`. */
export function countOf(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`;
}
