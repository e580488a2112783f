import type { JsonObject } from '../gateway/json-protocol.ts';
import type { LocalRequest } from '../gateway/service.ts';
import type { EventOutbox } from './event-outbox.ts';
import type { KeyStore } from './key-store.ts';

/** What the embedded KMS is made of; every operation receives it. */
export interface KmsParts {
  readonly store: KeyStore;
  readonly outbox: EventOutbox;
  readonly accountId: string;
  readonly partition: string;
}

/** One call: who asks for what, in which Region, at what time of the embedded clock. */
export interface KmsCall extends KmsParts {
  readonly request: LocalRequest;
  readonly input: JsonObject;
  readonly region: string;
  readonly now: Date;
}

/**
 * One KMS operation. Everything it does to the database happens before it returns, and its answer
 * is sent only then.
 * @throws LocalAwsError as AWS would answer.
 */
export type KmsOperation = (call: KmsCall) => JsonObject;
