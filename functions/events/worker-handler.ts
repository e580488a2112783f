import middy from '@middy/core';
import { z } from 'zod';
import { describeProblems } from '../../shared/admin-api/describe-problems.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import type { Services } from '../../shared/ports/services.ts';
import { codeOf, fitForLog, placeOf } from './describe-error.ts';
import { refuseUnreconciled } from './refuse-unreconciled.ts';
import { servicesFor } from './services-for.ts';
import { KILLED_BY_LAMBDA } from './timeout.ts';

/** Ids and counts that a function's log and its caller get to see. */
export type WorkerResult = Readonly<
  Record<string, string | number | boolean | null | readonly number[]>
>;

/** What is read of the context that Lambda gives. */
interface Context {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** Takes the event and the context that Lambda gives. */
export type WorkerHandler = (event: unknown, context?: unknown) => Promise<WorkerResult>;

const ulid = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'is not an id');

/** What the state machine hands to its steps. */
export const runEvent = z.object({ vaultId: ulid, runId: ulid });
/** The same, or with the number of one of the run's shards. */
export const shardEvent = runEvent.extend({ shard: z.int().min(0).optional() });
/**
 * What the state machine's Catch hands over: a run and the error that ended it. Of that only the
 * name is kept: the cause holds a message and a trace.
 */
export const failureEvent = runEvent.extend({
  error: z.object({ Error: z.string().max(200) }).transform((error) => error.Error),
});
/** What `Pipeline.startRestore` sends. */
export const restoreEvent = z.object({ vaultId: ulid, restoreId: ulid });
/** What `Pipeline.startVerification` sends. */
export const verificationEvent = z.object({ vaultId: ulid, verificationId: ulid });
/** A pass over all vaults, or, sent by itself, its rest behind a client or a vault. */
export const passEvent = z.object({ after: z.union([ulid, z.literal('')]).optional() });
/** A comparison with the tombstones, or, sent by itself, its rest. */
export const comparisonEvent = z.object({
  after: z.union([ulid, z.literal('')]).default(''),
  begunIn: z.string().optional(),
});
/** The sweep of one vault that a person asked for, or a pass over all vaults, or its rest. */
export const sweepEvent = z.union([
  z.object({ vaultId: ulid, actor: z.string(), isConfirmed: z.boolean() }),
  passEvent,
]);
/** Names one vault, or, started by the schedule, none. */
export const vaultEvent = z.object({ vaultId: ulid.optional() });
/** One vault, or a pass over all that are due, or, sent by itself, its rest behind a vault. */
export const dueEvent = z.union([z.object({ vaultId: ulid }), passEvent]);
/** The same; what `Pipeline.restoreKeys` sends beside that. */
export const eraserEvent = z.union([
  z.object({ vaultId: ulid, restore: z.literal('keys').optional() }),
  passEvent,
]);
/** What `Pipeline.restoreKeyPolicies` sends. */
export const keyPolicyEvent = z.object({ vaultId: ulid });
/** A schedule's or a rule's event, of which nothing is read. */
export const anyEvent = z.unknown();

/**
 * Makes the handler of a function that no person waits for. Logs its start and end, never the
 * event. Errors are thrown on, those nobody foresaw without their message: Lambda repeats the
 * event, the state machine chooses by their name. A restored ledger is refused until it was
 * compared with the tombstones.
 *
 * @param event - the schema of the event; fields it does not name are dropped.
 * @param run - returns what the function did, with services that know which invocation they serve;
 * `remainingMs` tells how long Lambda lets it go on.
 */
export function workerHandler<Schema extends z.ZodType>(
  name: string,
  services: Services,
  event: Schema,
  run: (
    services: Services,
    event: z.output<Schema>,
    remainingMs: () => number,
  ) => Promise<WorkerResult>,
): WorkerHandler {
  const handle = middy(async (raw: unknown, context: Partial<Context>) => {
    const { awsRequestId: requestId } = context;
    services.telemetry.event(`${name}.started`, requestId === undefined ? {} : { requestId });
    const parsed = event.safeParse(raw);
    if (!parsed.success) {
      const problems = describeProblems(parsed.error, 'the event');
      throw new HoldfastError('INPUT_INVALID', { problems });
    }
    await refuseUnreconciled(name, services);
    const remainingMs = () => context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
    return run(servicesFor(services, requestId), parsed.data, remainingMs);
  }, KILLED_BY_LAMBDA)
    .after(({ response }) => services.telemetry.event(`${name}.ended`, loggable(response ?? {})))
    .onError(({ error }) => {
      services.telemetry.event(`${name}.failed`, { code: codeOf(error), place: placeOf(error) });
    });
  return async (raw, context = {}) => {
    try {
      return await handle(raw ?? {}, context as never);
    } catch (error) {
      // Not within middy: it would attach the original error, which Lambda would print as well.
      throw fitForLog(error);
    }
  };
}

/** Of a list, its length. */
function loggable(result: WorkerResult): Parameters<Services['telemetry']['event']>[1] {
  const fields = Object.entries(result).map(([name, value]) => [
    name,
    typeof value === 'object' && value !== null ? value.length : value,
  ]);
  return Object.fromEntries(fields);
}
