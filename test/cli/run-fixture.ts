import type { CallApi } from '../../cli/api-client.ts';
import type { MeasureSource } from '../../cli/command.ts';
import type { PushFolder } from '../../cli/push/push-folder.ts';
import type { RestoreToFolder } from '../../cli/restore-to-folder.ts';
import { runCli, type Start } from '../../cli/run-cli.ts';
import { ROUTE_INPUTS } from '../../shared/admin-api/route-inputs.ts';
import type { RouteName } from '../../shared/admin-api/routes.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';

/** One call the CLI made of the admin API. */
export interface SeenCall {
  readonly route: string;
  readonly input: { params: object; query?: object; body?: unknown };
}

/** How one run of the CLI ended. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly calls: SeenCall[];
}

/** What the admin API answers: per route a value, several in turn, or an error to throw. */
export type Answering = Readonly<Record<string, unknown>>;

/** Runs a command line against planned answers of the admin API, which takes no other inputs. */
export async function runAgainst(
  answering: Answering,
  args: readonly string[],
  options: {
    environment?: Start['environment'];
    restoreToFolder?: RestoreToFolder;
    pushFolder?: PushFolder;
    measureSource?: MeasureSource;
    columns?: number;
  } = {},
): Promise<Ran> {
  const calls: SeenCall[] = [];
  const call = (async (route: string, input: SeenCall['input']) => {
    calls.push({ route, input });
    const { query, body } = ROUTE_INPUTS[route as RouteName];
    query.parse(input.query ?? {});
    body.parse(input.body);
    const planned = answering[route];
    const times = calls.filter((made) => made.route === route).length;
    const answer = Array.isArray(planned) ? planned[Math.min(times, planned.length) - 1] : planned;
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  }) as CallApi;
  let [out, err] = ['', ''];
  const code = await runCli({
    args,
    environment: options.environment ?? {},
    writeOut: (text) => {
      out += text;
    },
    writeErr: (text) => {
      err += text;
    },
    sleep: async () => {},
    columns: options.columns,
    connect: () => ({
      call,
      restoreToFolder: options.restoreToFolder ?? (async () => ({ records: 0, bytes: 0 })),
      pushFolder: options.pushFolder ?? unplanned,
      measureSource: options.measureSource ?? unlisted,
    }),
  });
  return { code, out, err, calls };
}

const unlisted: MeasureSource = async () => {
  throw new HoldfastError('SOURCE_DENIED', { bucket: 'firm' });
};

const unplanned: PushFolder = async () => {
  throw new Error('No push was planned.');
};
