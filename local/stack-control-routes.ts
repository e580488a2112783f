import type { ControlAnswer, ControlRoute } from './gateway/control-routes.ts';
import type { FunctionLogs } from './lambda/function-logs.ts';
import type { LambdaFunctions } from './lambda/lambda-functions.ts';
import type { Schedules } from './scheduler/schedules.ts';
import type { DeclaredResources } from './stack/declared-resources.ts';

/** The parts whose state the control plane shows. */
export interface StackControlParts {
  readonly functions: LambdaFunctions;
  readonly logs: FunctionLogs;
  readonly schedules: Schedules;
  readonly declared: DeclaredResources;
  /** Outputs of all stacks by stack name. */
  readonly outputs: () => Readonly<Record<string, unknown>>;
}

/** Control routes over what the templates declared, the same for every app. */
export function stackControlRoutes(parts: StackControlParts): ControlRoute[] {
  const { declared, logs, schedules } = parts;
  return [
    get('/_local/iam', () => ({ resources: declared.ofType('AWS::IAM::') })),
    get('/_local/resources', () => ({ resources: declared.ofType('') })),
    get('/_local/outputs', () => ({ stacks: parts.outputs() })),
    get('/_local/logs', () => ({ functions: logs.names() })),
    get('/_local/metrics', () => ({ metrics: logs.metrics() })),
    get('/_local/schedules', () => ({ schedules: schedules.list() })),
  ];
}

/** Control routes per function and schedule; to be added when the stacks are deployed. */
export function deployedControlRoutes(parts: StackControlParts): ControlRoute[] {
  const functionNames = new Set(parts.functions.list().map(({ name }) => name));
  const scheduleNames = new Set(parts.schedules.list().map(({ name }) => String(name)));
  return [
    ...[...functionNames].flatMap((name) => [
      get(`/_local/logs/${name}`, () => ({ name, log: parts.logs.read(name) ?? '' })),
      post(`/_local/lambda/${name}/kill`, async () => ({
        name,
        killed: await parts.functions.kill(name),
      })),
    ]),
    ...[...scheduleNames].map((name) =>
      post(`/_local/schedules/${name}/run`, async () => {
        await parts.schedules.run(name);
        return { name };
      }),
    ),
  ];
}

function get(path: string, read: () => unknown): ControlRoute {
  return { method: 'GET', path, handle: async (): Promise<ControlAnswer> => ok(read()) };
}

function post(path: string, act: () => Promise<unknown>): ControlRoute {
  return { method: 'POST', path, handle: async () => ok(await act()) };
}

function ok(body: unknown): ControlAnswer {
  return { status: 200, body };
}
