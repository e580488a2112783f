import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  failureEvent,
  restoreEvent,
  runEvent,
  vaultEvent,
  workerHandler,
} from '../../functions/events/worker-handler.ts';
import { createHandler as runBackup } from '../../functions/run-backup.ts';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { ConfigError } from '../../shared/config/service-config.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import { livingInstallation, OPERATOR, registeredVault } from '../support/living-installation.ts';
import { memoryServices } from '../support/memory-services.ts';

const VAULT = '01KB1T8R9ZJ4Y6V3N5M2X9W0RC';
const RUN = '01KB1T9S0ZJ4Y6V3N5M2X9W0RC';

describe('a function that no person waits for', () => {
  test('answers what it did, and logs its start and its end', async () => {
    const { services, telemetry } = memoryServices();
    const handle = workerHandler(
      'run-backup',
      services,
      runEvent,
      async (_services, { vaultId }) => ({
        vaultId,
      }),
    );
    expect(await handle({ vaultId: VAULT, runId: RUN, name: '莲花' })).toEqual({ vaultId: VAULT });
    expect(telemetry.events).toEqual([
      { name: 'run-backup.started', fields: {} },
      { name: 'run-backup.ended', fields: { vaultId: VAULT } },
    ]);
  });

  test('says in its log and in audit entries which invocation it is', async () => {
    const { services, telemetry, ledger } = livingInstallation();
    const { vaultId } = await registeredVault({ services });
    const handle = runBackup(services);
    const { runId } = await requestBackup(services, OPERATOR, vaultId);
    await handle({ vaultId, runId }, { awsRequestId: 'invocation-7' });
    expect(telemetry.eventsNamed('run-backup.started')).toEqual([{ requestId: 'invocation-7' }]);
    const entries = await Array.fromAsync(ledger.list('audit', { chainId: vaultId }));
    const told = entries.map(({ record: { action, requestId } }) => [action, requestId]);
    expect(told).toEqual([
      ['vault.registered', null],
      ['backup.requested', null],
      ['backup.committed', 'invocation-7'],
    ]);
  });

  test('throws on what failed under its own name, by which the state machine decides', async () => {
    const { services, telemetry } = memoryServices();
    const fault = new HoldfastError('SOURCE_UNAVAILABLE', { vaultId: VAULT });
    const handle = workerHandler('run-backup', services, runEvent, () => Promise.reject(fault));
    const run = handle({ vaultId: VAULT, runId: RUN });
    await expect(run).rejects.toBe(fault);
    expect(fault.name).toBe('SOURCE_UNAVAILABLE');
    expect(telemetry.eventsNamed('run-backup.failed')).toEqual([
      { code: 'SOURCE_UNAVAILABLE', place: null },
    ]);
  });

  test('tells class and place of an error nobody foresaw, but never its message', async () => {
    const { services, telemetry } = memoryServices();
    const cause = new Error('莲花');
    const error = new RangeError('莲花/2025.pdf is too long\n at 莲花 (x:1:1)', { cause });
    const handle = workerHandler('x', services, z.unknown(), () => Promise.reject(error));
    const thrown = await handle({}).catch((caught: unknown) => caught);
    expect(thrown).toMatchObject({ name: 'RangeError' });
    expect((thrown as Error).stack).toMatch(/^RangeError: .*withheld\.\n\s+at .*workers\.test\.ts/);
    const [failed] = telemetry.eventsNamed('x.failed');
    expect(failed).toMatchObject({ code: 'RangeError' });
    expect(failed?.place).toContain('workers.test.ts');
    // All that Lambda can print of it: the class, and whatever hangs on it.
    expect(inspect(thrown, { depth: null, showHidden: true })).not.toContain('莲花');
    expect(JSON.stringify(telemetry.events)).not.toContain('莲花');
  });

  test('says which variable is missing when the deployment forgot one', async () => {
    const { services } = memoryServices();
    const forgot = new ConfigError('HOLDFAST_ACCOUNT is not set.');
    const handle = workerHandler('x', services, z.unknown(), () => Promise.reject(forgot));
    await expect(handle({})).rejects.toBe(forgot);
  });

  test('refuses an event that does not name what it needs', async () => {
    const { services } = memoryServices();
    const handle = workerHandler('run-backup', services, runEvent, async () => ({}));
    const run = handle({ vaultId: 'all' });
    await expect(run).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(run).rejects.toThrow('vaultId is not an id; runId must be given');
  });
});

describe('events', () => {
  test('of a failed run keep the name of the error and drop its cause', () => {
    const failure = { Error: 'SOURCE_DENIED', Cause: '{"errorMessage":"莲花"}' };
    expect(failureEvent.parse({ vaultId: VAULT, runId: RUN, error: failure })).toEqual({
      vaultId: VAULT,
      runId: RUN,
      error: 'SOURCE_DENIED',
    });
  });

  test('of the schedule name no vault; a started step names one', () => {
    expect(vaultEvent.parse({ source: 'aws.scheduler', detail: {} })).toEqual({});
    expect(vaultEvent.parse({ vaultId: VAULT })).toEqual({ vaultId: VAULT });
  });

  test('of a restore name vault and restore', () => {
    const event = { vaultId: VAULT, restoreId: RUN };
    expect(restoreEvent.parse(event)).toEqual(event);
  });
});
