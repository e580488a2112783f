import { LocalAwsError } from '../gateway/service.ts';

/**
 * Takes a JSON document to an ARN. Resolves when the receiver has dealt with it (a function has
 * run, with its retries), not only accepted it.
 */
export type TargetSender = (arn: string, payload: string, source: DeliverySource) => Promise<void>;

/** What a sender may need besides the document. */
export interface DeliverySource {
  /** How many event buses the event has passed; stops two buses forwarding to each other. */
  readonly hops: number;
}

/** Where events, schedules and failed invocations are sent. Services register what they take. */
export class TargetDelivery {
  readonly #senders = new Map<string, TargetSender>();

  /** Takes over all ARNs whose service field is `service`. */
  register(service: string, sender: TargetSender): void {
    this.#senders.set(service, sender);
  }

  /** @throws LocalAwsError `ValidationException` when no service here takes the ARN. */
  async deliver(arn: string, payload: string, source: DeliverySource = { hops: 0 }): Promise<void> {
    const service = arn.split(':')[2] ?? '';
    const sender = this.#senders.get(service);
    if (sender === undefined) {
      const known = [...this.#senders.keys()].sort().join(', ');
      throw new LocalAwsError(
        'ValidationException',
        400,
        `local targets are ${known}; got ${service}`,
      );
    }
    await sender(arn, payload, source);
  }
}
