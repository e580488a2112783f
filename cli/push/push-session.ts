import type { RunAnswer, SnapshotAnswer } from '../../shared/admin-api/answers.ts';
import type { PushAnswer, PushRenewalAnswer } from '../../shared/admin-api/push-answers.ts';
import type { BodyInputOf } from '../../shared/admin-api/route-inputs.ts';
import { isFault } from '../../shared/domain/errors.ts';
import type { StoredObject } from '../../shared/domain/records.ts';
import type { PushReports } from '../../shared/push/write-push.ts';
import { CliError } from '../cli-error.ts';
import type { Cli } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

/** How often the API hears of a push: four times before its vault would be given away. */
const RENEWAL_MS = 5 * 60 * 1000;

/**
 * Waits before further tries of a call that may be repeated: two minutes in all. What the API could
 * not finish within its 29 seconds it continues with the next one.
 */
const RETRY_WAITS_MS = [1_000, 2_000, 5_000, 15_000, 30_000, 60_000];

/** A push as the admin API sees it: heard of now and then, at last committed or abandoned. */
export class PushSession {
  readonly #cli: Pick<Cli, 'call' | 'sleep'>;
  readonly #params: { readonly vaultId: string; readonly runId: string };
  readonly #stop = Promise.withResolvers<never>();
  readonly #timer: NodeJS.Timeout;
  readonly #forgetInterrupt: () => void;
  #failure: { readonly error: unknown } | undefined;

  constructor(cli: Pick<Cli, 'call' | 'sleep' | 'onInterrupt'>, { vaultId, runId }: PushAnswer) {
    this.#cli = cli;
    this.#params = { vaultId, runId };
    this.#stop.promise.catch(() => undefined);
    this.#timer = setInterval(() => {
      this.renew({}).catch((error: unknown) => this.#end(error));
    }, RENEWAL_MS);
    this.#timer.unref();
    this.#forgetInterrupt = cli.onInterrupt(() => this.#end(interrupted()));
  }

  /** @throws what has ended the push from outside: Ctrl-C, or the API's refusal to renew it. */
  requireGoingOn(): void {
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
  }

  /** @returns what `work` does, unless the push is ended from outside before. */
  async unlessStopped<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#stop.promise]);
  }

  async renew(body: Parameters<PushReports['renew']>[0]): Promise<PushRenewalAnswer> {
    const params = this.#params;
    const sent: BodyInputOf<'renewPush'> = {
      written: body.written ?? [],
      carried: body.carried ?? [],
    };
    return this.#repeat(() => this.#cli.call('renewPush', { params, body: sent }));
  }

  async commit({ size, sha256, versions }: StoredObject): Promise<SnapshotAnswer> {
    const params = this.#params;
    const body = { seal: { size, sha256, versions } };
    return this.unlessStopped(this.#repeat(() => this.#cli.call('commitPush', { params, body })));
  }

  /** @returns the run as it ended; `undefined` when the API could not be told. */
  async abandon(error: unknown): Promise<RunAnswer | undefined> {
    const body = { failure: failureOf(error) };
    const call = this.#cli.call('abandonPush', { params: this.#params, body });
    return call.catch(() => undefined);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#forgetInterrupt();
  }

  #end(error: unknown): void {
    this.#failure ??= { error };
    this.#stop.reject(error);
  }

  async #repeat<T>(call: () => Promise<T>): Promise<T> {
    for (const wait of RETRY_WAITS_MS) {
      try {
        return await call();
      } catch (error) {
        if (!mayHelp(error)) {
          throw error;
        }
      }
      await this.#cli.sleep(wait);
      this.requireGoingOn();
    }
    return call();
  }
}

/** An earlier try of the same call may still be at work, and be seen as someone else. */
function mayHelp(error: unknown): boolean {
  return (
    error instanceof CliError &&
    (error.exitCode === EXIT.unavailable || error.code === 'LEDGER_CONFLICT')
  );
}

function failureOf(error: unknown): string {
  const code = error instanceof CliError || isFault(error) ? error.code : 'UNEXPECTED';
  return /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : 'UNEXPECTED';
}

function interrupted(): CliError {
  return new CliError({
    code: 'INTERRUPTED',
    message: 'The push was interrupted; nothing of it counts.',
    next: 'Push again: what is unchanged since the last snapshot is not read again.',
    exitCode: EXIT.interrupted,
  });
}
