import type { TargetDelivery } from './deliver-to-target.ts';
import type { AwsEvent, EventBus } from './event-bus.ts';
import { checkPattern, matchesPattern } from './match-pattern.ts';
import { type TargetInput, targetInputOf } from './target-input.ts';

/** A target of a rule as the template gives it. */
export interface RuleTarget extends TargetInput {
  readonly Arn: string;
  /** Takes events that could not be delivered. */
  readonly DeadLetterConfig?: { readonly Arn?: string };
}

/** A rule with an event pattern on the default bus of a Region. */
export interface EventRule {
  readonly name: string;
  readonly region: string;
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly targets: readonly RuleTarget[];
}

/** Buses an event may pass; more means that two Regions forward to each other. */
const HOP_LIMIT = 4;

/** The default event buses of all Regions with their rules. */
export class RuleBus implements EventBus {
  readonly #rules = new Map<string, EventRule>();
  readonly #delivery: TargetDelivery;
  readonly #warn: (message: string) => void;
  #stopped = false;

  constructor(delivery: TargetDelivery, warn: (message: string) => void) {
    this.#delivery = delivery;
    this.#warn = warn;
    delivery.register('events', async (arn, payload, source) => {
      await this.#putOn(arn.split(':')[3] ?? '', JSON.parse(payload) as AwsEvent, source.hops);
    });
  }

  /**
   * Adds a rule or replaces the one of the same name and Region.
   * @throws LocalAwsError `InvalidEventPatternException` for a pattern that cannot be matched here.
   */
  addRule(rule: EventRule): void {
    checkPattern(rule.pattern);
    this.#rules.set(`${rule.region}/${rule.name}`, rule);
  }

  /** @throws Error after `stop`, so that a sender that stores its events keeps this one. */
  async put(event: AwsEvent): Promise<void> {
    if (this.#stopped) throw new Error('the event buses are closed');
    await this.#putOn(event.region, event, 0);
  }

  /** Takes no more events; those taken before are delivered. */
  stop(): void {
    this.#stopped = true;
  }

  async #putOn(busRegion: string, event: AwsEvent, hops: number): Promise<void> {
    if (hops >= HOP_LIMIT) {
      this.#warn(`event ${event.id} dropped: forwarded over ${hops} buses`);
      return;
    }
    const rules = [...this.#rules.values()].filter(
      (rule) => rule.region === busRegion && matchesPattern(rule.pattern, { ...event }),
    );
    const deliveries = rules.flatMap((rule) =>
      rule.targets.map((target) => this.#deliver(rule, target, event, hops + 1)),
    );
    await Promise.all(deliveries);
  }

  async #deliver(rule: EventRule, target: RuleTarget, event: AwsEvent, hops: number) {
    const source = { hops };
    try {
      await this.#delivery.deliver(target.Arn, targetInputOf(target, event), source);
    } catch (error) {
      this.#warn(`rule ${rule.name} could not reach ${target.Arn}: ${String(error)}`);
      const deadLetterArn = target.DeadLetterConfig?.Arn;
      if (deadLetterArn !== undefined) {
        await this.#delivery
          .deliver(deadLetterArn, JSON.stringify(event), source)
          .catch((cause: unknown) => this.#warn(`nor ${deadLetterArn}: ${String(cause)}`));
      }
    }
  }
}
