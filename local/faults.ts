import { LocalAwsError } from './gateway/service.ts';

/** What shall go wrong, and for which requests. At least one effect must be named. */
export interface FaultPlan {
  /** SigV4 service name, such as `s3`. Default: any. */
  readonly service?: string;
  /** AWS operation name, or `*` for any. */
  readonly operation: string;
  /** Default: any Region. */
  readonly region?: string;
  /** Text the raw path, the host (virtual-host buckets) or a JSON service's body must contain. */
  readonly match?: string;
  /** How many requests it strikes. Default: 1. */
  readonly times?: number;
  /** Answer with this error; the operation is not performed. */
  readonly error?: { readonly code: string; readonly status: number; readonly message?: string };
  /** Wait this many milliseconds of real time first. */
  readonly delayMs?: number;
  /** Perform the operation, then cut the connection without an answer. */
  readonly dropAnswer?: boolean;
  /**
   * Kill the embedded AWS like `kill -9`, before the operation is performed; together with
   * `dropAnswer`, after it.
   */
  readonly kill?: boolean;
}

/** A plan with its count. Tests assert that `remaining` is 0: an unfired fault proves nothing. */
export interface PlannedFault extends FaultPlan {
  readonly id: string;
  readonly times: number;
  readonly fired: number;
  readonly remaining: number;
}

/** What of a request decides whether a fault strikes it. */
export interface FaultSubject {
  readonly service: string;
  readonly region: string;
  readonly operation: string | undefined;
  readonly rawPath: string;
  readonly host: string;
  /** Body of a JSON service's request; S3 bodies are streamed and never looked at. */
  readonly body?: Buffer | undefined;
}

/** The faults planned for the embedded AWS, in the order they were planned. */
export class PlannedFaults {
  readonly #entries: { id: string; plan: FaultPlan; times: number; fired: number }[] = [];
  #lastId = 0;

  /**
   * Plans one fault.
   * @throws LocalAwsError `ValidationException` when the plan has no effect or a wrong value.
   */
  plan(plan: FaultPlan): PlannedFault {
    refuseBadPlan(plan);
    this.#lastId += 1;
    const entry = { id: `fault-${this.#lastId}`, plan, times: plan.times ?? 1, fired: 0 };
    this.#entries.push(entry);
    return describe(entry);
  }

  /** Every planned fault, those that are used up included. */
  list(): PlannedFault[] {
    return this.#entries.map(describe);
  }

  /** Forgets the fault with this id, or all of them. */
  clear(id?: string): void {
    const kept = id === undefined ? [] : this.#entries.filter((entry) => entry.id !== id);
    this.#entries.splice(0, this.#entries.length, ...kept);
  }

  /** The first fault that strikes this request, counted as fired; one request meets one fault. */
  take(subject: FaultSubject): FaultPlan | undefined {
    const entry = this.#entries.find(
      ({ plan, times, fired }) => fired < times && strikes(plan, subject),
    );
    if (entry === undefined) return undefined;
    entry.fired += 1;
    return entry.plan;
  }
}

function strikes(plan: FaultPlan, subject: FaultSubject): boolean {
  const { service, operation, region, match } = plan;
  if (service !== undefined && service !== subject.service) return false;
  if (operation !== '*' && operation !== subject.operation) return false;
  if (region !== undefined && region !== subject.region) return false;
  if (match === undefined) return true;
  return (
    subject.rawPath.includes(match) ||
    bucketHost(subject.host).includes(match) ||
    subject.body?.includes(match) === true
  );
}

/** A host name that may name a bucket; empty for an address, whose digits would match by chance. */
function bucketHost(host: string): string {
  const name = host.replace(/:\d+$/, '');
  return name === 'localhost' || /^[\d.]+$/.test(name) ? '' : name;
}

function describe(entry: {
  id: string;
  plan: FaultPlan;
  times: number;
  fired: number;
}): PlannedFault {
  const { id, plan, times, fired } = entry;
  return { ...plan, id, times, fired, remaining: times - fired };
}

const FIELDS: Readonly<Record<keyof FaultPlan, (value: unknown) => boolean>> = {
  service: isText,
  operation: isText,
  region: isText,
  match: isText,
  times: (value) => isCount(value) && value !== 0,
  error: isPlannedError,
  delayMs: isCount,
  dropAnswer: isBoolean,
  kill: isBoolean,
};

function refuseBadPlan(plan: unknown): asserts plan is FaultPlan {
  if (typeof plan !== 'object' || plan === null) throw invalid('a fault is a JSON object');
  for (const [name, value] of Object.entries(plan)) {
    const accepts = FIELDS[name as keyof FaultPlan];
    if (accepts === undefined) {
      throw invalid(`unknown field ${name}; there are ${Object.keys(FIELDS).join(', ')}`);
    }
    if (value !== undefined && !accepts(value)) throw invalid(`${name} has a wrong value`);
  }
  const { operation, error, delayMs, dropAnswer, kill } = plan as FaultPlan;
  if (operation === undefined) throw invalid('operation is missing; use "*" for any');
  if (error === undefined && delayMs === undefined && !dropAnswer && !kill) {
    throw invalid('name at least one effect: error, delayMs, dropAnswer or kill');
  }
  if (error !== undefined && (dropAnswer || kill)) {
    throw invalid('error excludes dropAnswer and kill');
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isPlannedError(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { code, status, message, ...rest } = value as Record<string, unknown>;
  const isStatus = isCount(status) && (status as number) >= 400 && (status as number) <= 599;
  const isMessage = message === undefined || typeof message === 'string';
  return isText(code) && isStatus && isMessage && Object.keys(rest).length === 0;
}

function invalid(message: string): LocalAwsError {
  return new LocalAwsError('ValidationException', 400, `fault: ${message}`);
}
