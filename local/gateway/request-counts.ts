/** What of a request is counted. */
export interface CountedRequest {
  readonly service: string;
  readonly region: string;
  readonly operation: string | undefined;
}

/** How many requests of each kind the embedded AWS was asked, since its start or the last reset. */
export class RequestCounts {
  readonly #counts = new Map<string, number>();

  add({ service, region, operation = 'unknown' }: CountedRequest): void {
    const kind = `${service} ${operation} ${region}`;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** @returns counts by `service operation region`, such as `s3 PutObject eu-west-1`. */
  all(): Readonly<Record<string, number>> {
    const sorted = [...this.#counts].sort(([left], [right]) => (left < right ? -1 : 1));
    return Object.fromEntries(sorted);
  }

  reset(): void {
    this.#counts.clear();
  }
}
