import { LocalAwsError } from '../gateway/service.ts';

/** A state machine's definition, rewritten for the local engine. */
export interface PreparedDefinition {
  readonly definition: Record<string, unknown>;
  /** Task states by name with the resource they call. */
  readonly tasks: ReadonlyMap<string, string>;
  /** Names of the states that have a `Retry`. */
  readonly retrying: readonly string[];
}

type State = Record<string, unknown>;

/**
 * Given to tasks that set no timeout: the engine would take 60 seconds, AWS practically none
 * (99,999,999 s). This is below the 24.8 days a timer can run.
 */
const TASK_TIMEOUT_SECONDS = 2_000_000;

/**
 * Fields of a Map that the engine does not know and would pass over in silence. A Distributed Map
 * without them runs as an inline one does: its items come from the state's input, and the first
 * failure fails it, under its own name where AWS says `States.ExceedToleratedFailureThreshold`.
 */
const UNKNOWN_TO_MAP = /^(?:ItemReader|ItemBatcher|ResultWriter|ToleratedFailure\w+)$/;

const LAMBDA_INVOKE = /^arn:[\w-]+:states:::lambda:invoke$/;
const FUNCTION_ARN = /^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:/;

/**
 * Parses an Amazon States Language definition and finds its tasks, also inside Map and Parallel.
 * @throws LocalAwsError `InvalidDefinition` when it is not JSON, uses JSONata, calls something
 *   other than a Lambda function, or asks of a Map what is not implemented here.
 */
export function prepareDefinition(text: string): PreparedDefinition {
  const tasks = new Map<string, string>();
  const retrying: string[] = [];
  const definition = parse(text);
  visitStates(definition, (name, state) => {
    if (state.Retry !== undefined) {
      retrying.push(name);
    }
    if (state.Type === 'Map') {
      refuseUnknown(name, state);
    }
    if (state.Type !== 'Task') {
      return;
    }
    const resource = String(state.Resource);
    if (!LAMBDA_INVOKE.test(resource) && !FUNCTION_ARN.test(resource)) {
      throw invalid(`local states call Lambda functions only; state ${name} calls ${resource}`);
    }
    tasks.set(name, resource);
    if (state.TimeoutSeconds === undefined && state.TimeoutSecondsPath === undefined) {
      state.TimeoutSeconds = TASK_TIMEOUT_SECONDS;
    }
  });
  return { definition, tasks, retrying };
}

function visitStates(machine: State, visit: (name: string, state: State) => void): void {
  if (machine.QueryLanguage === 'JSONata') {
    throw invalid('local states understand JSONPath only; the definition uses JSONata');
  }
  for (const [name, state] of Object.entries((machine.States ?? {}) as Record<string, State>)) {
    if (state.QueryLanguage === 'JSONata') {
      throw invalid(`local states understand JSONPath only; state ${name} uses JSONata`);
    }
    visit(name, state);
    const branches = (state.Branches ?? []) as State[];
    const inner = [...branches, state.Iterator, state.ItemProcessor] as (State | undefined)[];
    for (const nested of inner) {
      if (nested !== undefined) visitStates(nested, visit);
    }
  }
}

function refuseUnknown(name: string, state: State): void {
  const unknown = Object.keys(state).filter((field) => UNKNOWN_TO_MAP.test(field));
  if (unknown.length > 0) {
    throw invalid(`local Map states do without ${unknown.join(', ')}; state ${name} has it`);
  }
}

function parse(text: string): State {
  try {
    return JSON.parse(text) as State;
  } catch {
    throw invalid('the definition is not JSON');
  }
}

function invalid(reason: string): LocalAwsError {
  return new LocalAwsError('InvalidDefinition', 400, `Invalid State Machine Definition: ${reason}`);
}
