/** An EventBridge event as rules and targets see it. */
export interface AwsEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The default event bus of every Region. `event.region` says on which one it is put. */
export interface EventBus {
  /**
   * Resolves when every matching target has been invoked (its own failure is logged, not thrown).
   */
  put(event: AwsEvent): Promise<void>;
}
