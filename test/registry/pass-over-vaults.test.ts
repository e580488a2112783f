import { beforeEach, describe, expect, test } from 'vitest';
import { HoldfastError } from '../../shared/domain/errors.ts';
import type { Vault } from '../../shared/domain/records.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';
import { everyVault } from '../../shared/registry/every-vault.ts';
import { handOver, passOverVaults } from '../../shared/registry/pass-over-vaults.ts';
import { withFaults } from '../support/faulty-service.ts';
import { MemoryLedger } from '../support/memory-ledger.ts';
import { memoryServices } from '../support/memory-services.ts';
import { sampleClient, sampleVault } from '../support/sample-records.ts';

const CLIENTS = Array.from({ length: 40 }, (_, index) => `client-${`${index}`.padStart(2, '0')}`);
const always = (): boolean => true;

let services: { ledger: MemoryLedger; telemetry: ReturnType<typeof memoryServices>['telemetry'] };

/** Two vaults of each client, `-a` and `-b`. */
beforeEach(async () => {
  services = { ledger: new MemoryLedger(), telemetry: memoryServices().telemetry };
  for (const clientId of CLIENTS) {
    const records = [
      sampleClient(clientId),
      ...['a', 'b'].map((letter) => sampleVault(`${clientId}-${letter}`, { clientId })),
    ];
    await services.ledger.write(records.map((record) => ({ record, expect: 'absent' })));
  }
});

/** Lets others go first, as a request would. */
const aRoundTrip = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('every vault', () => {
  test('comes once, in the order of the clients', async () => {
    const ids = (await Array.fromAsync(everyVault(services))).map(({ vaultId }) => vaultId);
    expect(ids).toEqual(CLIENTS.flatMap((clientId) => [`${clientId}-a`, `${clientId}-b`]));
  });
});

describe('a pass over all vaults', () => {
  test('works on several clients at once, on one vault of each', async () => {
    const atWork = new Map<string, number>();
    let most = 0;
    const result = await passOverVaults(
      services,
      { name: 'pass', hasTime: always, clientsAtOnce: 5 },
      async ({ clientId }: Vault) => {
        expect(atWork.get(clientId)).toBeUndefined();
        atWork.set(clientId, 1);
        most = Math.max(most, atWork.size);
        await aRoundTrip();
        atWork.delete(clientId);
        return true;
      },
    );
    expect(result).toEqual({ vaults: 80, stoppedAfter: null, failures: [] });
    expect(most).toBe(5);
  });

  test.each([1, 2, 7, 39])(
    'whose time is over at client %i goes on behind the one before, and leaves none out',
    async (slow) => {
      const done = new Set<string>();
      let isOver = false;
      const options = { name: 'pass', hasTime: () => !isOver };
      const first = await passOverVaults(services, options, async ({ vaultId, clientId }) => {
        isOver ||= clientId === CLIENTS[slow];
        await aRoundTrip();
        if (!isOver) {
          done.add(vaultId);
        }
        return !isOver;
      });
      const { stoppedAfter } = first;
      expect(stoppedAfter === '' || (stoppedAfter ?? 'none') < (CLIENTS[slow] ?? '')).toBe(true);
      const after = stoppedAfter ?? '';
      const rest = { name: 'pass', after, hasTime: always };
      const second = await passOverVaults(services, rest, async ({ vaultId, clientId }) => {
        expect(clientId > after).toBe(true);
        done.add(vaultId);
        return true;
      });
      expect(second.stoppedAfter).toBeNull();
      expect(done.size).toBe(80);
    },
  );

  test('goes on when one vault fails, and names it', async () => {
    const failure = new HoldfastError('COPY_UNAVAILABLE', { copy: 'primary', object: 'a' });
    const result = await passOverVaults(
      services,
      { name: 'pass', hasTime: always },
      async ({ vaultId }) => {
        if (vaultId === 'client-03-a') {
          throw failure;
        }
        return true;
      },
    );
    expect(result).toEqual({ vaults: 80, stoppedAfter: null, failures: [failure] });
    expect(services.telemetry.eventsNamed('pass.failed')).toEqual([
      { vaultId: 'client-03-a', failure: 'COPY_UNAVAILABLE' },
    ]);
  });

  test('ends when vaults cannot be listed, but not before those at work have ended', async () => {
    const lost = new HoldfastError('LEDGER_UNAVAILABLE', { operation: 'list vault' });
    const fault = { method: 'list', call: 6, when: 'before', error: lost } as const;
    const { port: ledger, requireAllFired } = withFaults<Ledger>(services.ledger, [fault]);
    let atWork = 0;
    const pass = passOverVaults(
      { ...services, ledger },
      { name: 'pass', hasTime: always },
      async () => {
        atWork += 1;
        await aRoundTrip();
        await aRoundTrip();
        atWork -= 1;
        return true;
      },
    );
    await expect(pass).rejects.toBe(lost);
    expect(atWork).toBe(0);
    requireAllFired();
  });
});

describe('what a pass has left', () => {
  const started: string[] = [];
  const start = async (after: string) => {
    started.push(after);
  };
  const left = { vaults: 3, stoppedAfter: 'client-04', failures: [] };

  beforeEach(() => {
    started.length = 0;
  });

  test('is handed over, unless nothing is left', async () => {
    const options = { name: 'pass', hasWorked: true };
    expect(await handOver({ ...left, stoppedAfter: null }, options, start)).toBe(false);
    expect(await handOver(left, options, start)).toBe(true);
    expect(started).toEqual(['client-04']);
  });

  test('is not handed over when nothing was done: the next would do nothing either', async () => {
    const stuck = handOver(left, { name: 'pass', after: 'client-04', hasWorked: false }, start);
    await expect(stuck).rejects.toMatchObject({ code: 'PASS_STUCK', data: { name: 'pass' } });
    expect(started).toEqual([]);
  });
});
