import type { LocalClock } from '../clock.ts';
import type { EventBus } from '../events/event-bus.ts';
import {
  readJsonObject,
  targetOperation,
  writeJson,
  writeJsonError,
} from '../gateway/json-protocol.ts';
import { LocalAwsError, type LocalRequest, type LocalService } from '../gateway/service.ts';
import { destroyDueKeys } from './destroy-due-keys.ts';
import { EventOutbox } from './event-outbox.ts';
import { KeyStore } from './key-store.ts';
import type { KmsParts } from './kms-call.ts';
import { dryRunSucceeded } from './kms-error.ts';
import { CHANGING_OPERATIONS, READING_OPERATIONS } from './operations.ts';

/** The embedded KMS. */
export interface KmsService extends LocalService {
  /** Resolves when every event recorded so far has been taken by the bus. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

const OPERATION_NAMES = [...CHANGING_OPERATIONS.keys(), ...READING_OPERATIONS.keys()].sort();

/**
 * Makes the embedded KMS: keys of several Regions in `kms.sqlite`, real AES-256-GCM and ECDSA,
 * key states and deletion windows on the embedded clock. A change holds at once: the seconds to
 * minutes KMS takes to become consistent are not simulated. Policies are stored, not enforced.
 *
 * Keys whose deletion date has passed are destroyed when it starts, before each request and when
 * the clock is moved; such a move also waits for their `DeleteKey` events.
 *
 * @param options.holdEvents - keep events back until `drain` is first called, for a composition
 *   that has to set up its rules first. Default: false.
 * @param options.onError - told of events the bus refused. Default: standard error.
 */
export function createKmsService(options: {
  dataDirectory: string;
  clock: LocalClock;
  accountId: string;
  partition: string;
  events: EventBus;
  holdEvents?: boolean;
  onError?: (error: unknown) => void;
}): KmsService {
  const { clock, accountId, partition } = options;
  const store = new KeyStore(options.dataDirectory);
  const outbox = new EventOutbox({
    store,
    bus: options.events,
    held: options.holdEvents ?? false,
    onError: options.onError ?? ((error) => console.error('embedded KMS, event:', error)),
  });
  const parts: KmsParts = { store, outbox, accountId, partition };
  destroyDueKeys(parts, clock.now());
  outbox.kick();
  let stopped = false;
  clock.onMove(async (_from, to) => {
    if (stopped) return;
    destroyDueKeys(parts, to);
    await outbox.drain();
  });

  return {
    signingNames: ['kms'],
    operationOf,
    async handle(request, response) {
      try {
        writeJson(response, 200, await perform(parts, clock, request));
      } catch (error) {
        if (!(error instanceof LocalAwsError)) throw error;
        writeJsonError(response, error);
      } finally {
        outbox.kick();
      }
    },
    fail: (_request, response, error) => writeJsonError(response, error),
    drain: () => outbox.drain(),
    async stop() {
      stopped = true;
      await outbox.stop();
      store.close();
    },
  };
}

function operationOf(request: LocalRequest): string | undefined {
  const name = targetOperation(request, ['TrentService']);
  return name !== undefined && OPERATION_NAMES.includes(name) ? name : undefined;
}

async function perform(parts: KmsParts, clock: LocalClock, request: LocalRequest) {
  const { store } = parts;
  const name = operationOf(request) ?? '';
  const changing = CHANGING_OPERATIONS.get(name);
  const reading = READING_OPERATIONS.get(name);
  const input = await readJsonObject(request.body);
  const now = clock.now();
  destroyDueKeys(parts, now);
  const call = { ...parts, request, input, region: request.region, now };
  if (changing !== undefined) return store.transact(() => changing(call));
  if (reading === undefined) throw unknownOperation(request);
  const answer = reading(call);
  if (input.DryRun === true) throw dryRunSucceeded();
  return answer;
}

function unknownOperation(request: LocalRequest): LocalAwsError {
  const got = String(request.headers['x-amz-target'] ?? 'no X-Amz-Target');
  return new LocalAwsError(
    'UnknownOperationException',
    400,
    `local kms supports ${OPERATION_NAMES.join(', ')}; got ${got.replace('TrentService.', '')}`,
  );
}
