import { Command } from 'commander';

/** The embedded AWS did not answer, or did not take the clock's move. */
export class ClockError extends Error {
  override readonly name = 'ClockError';
}

/**
 * The command `clock [MOVE]`: shows the clock of a running embedded AWS, or moves it forward. A
 * move ends when what fell due by it has run: schedules, key deletions, waiting executions.
 *
 * @param endpoint - where it listens unless `--endpoint` says otherwise.
 * @throws ClockError from its action.
 */
export function clockCommand(endpoint: string, print: (line: string) => void): Command {
  return new Command('clock')
    .description('show the clock of a running embedded AWS, or move it forward')
    .argument('[move]', 'a duration such as P8D or PT1H, or an instant to move to')
    .option('--endpoint <url>', 'where it listens; AWS_ENDPOINT_URL, when that is set', endpoint)
    .action(async (move: string | undefined, options: { endpoint: string }) => {
      const now = await askClock(options.endpoint, move);
      print(`It is ${now} there.`);
    });
}

async function askClock(endpoint: string, move: string | undefined): Promise<string> {
  const url = `${endpoint.replace(/\/+$/, '')}/_local/clock`;
  const request = move === undefined ? {} : { method: 'POST', body: move };
  const response = await fetch(url, request).catch((cause: unknown) => {
    const message = `Nothing answers at ${endpoint}. Is "npm run local" running, and on this port?`;
    throw new ClockError(message, { cause });
  });
  const answer = (await response.json().catch(() => ({}))) as { now?: string; message?: string };
  if (answer.now === undefined) {
    const refusal = `The embedded AWS refused: ${answer.message}.`;
    throw new ClockError(
      answer.message === undefined ? `What answers at ${endpoint} is no embedded AWS.` : refusal,
    );
  }
  return answer.now;
}
