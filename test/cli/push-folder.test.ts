import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CallApi } from '../../cli/api-client.ts';
import { CliError } from '../../cli/cli-error.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { type FolderPush, type PushingCli, pushFolder } from '../../cli/push/push-folder.ts';
import { presentSnapshot, withoutKind } from '../../shared/admin-api/answers.ts';
import { renewPushBody } from '../../shared/admin-api/messages.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { abandonPush } from '../../shared/push/abandon-push.ts';
import { beginPush } from '../../shared/push/begin-push.ts';
import { commitPush } from '../../shared/push/commit-push.ts';
import { renewPush } from '../../shared/push/renew-push.ts';
import { OPERATOR, vaultNow } from '../support/living-installation.ts';
import { type MemoryServices, memoryServices } from '../support/memory-services.ts';
import { folderVault } from '../support/pushed-vault.ts';

let world: MemoryServices;
let vault: Vault;
let folder: string;
let calls: string[];
let waits: number[];
let interrupt: (() => void) | undefined;
/** Thrown by the next calls of a route, one each. */
let failures: Map<string, Error[]>;

beforeEach(async () => {
  world = memoryServices();
  vault = await folderVault(world);
  folder = await mkdtemp(join(tmpdir(), 'holdfast-push-'));
  calls = [];
  waits = [];
  failures = new Map();
  interrupt = undefined;
  await writeFile(join(folder, 'letter'), 'a letter');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** The admin API as its functions answer, without what lies between. */
const call = (async (route: string, { params, body }: { params: never; body: never }) => {
  calls.push(route);
  const failure = failures.get(route)?.shift();
  if (failure !== undefined) {
    throw failure;
  }
  const { services } = world;
  const address = params as { vaultId: string; runId: string; snapshotId: string };
  switch (route) {
    case 'beginPush':
      return beginPush(services, OPERATOR, address.vaultId);
    case 'renewPush':
      return renewPush(services, address, renewPushBody.parse(body));
    case 'commitPush':
      return presentSnapshot(await commitPush(services, OPERATOR, address, body));
    case 'abandonPush':
      return withoutKind(
        await abandonPush(services, OPERATOR, address, (body as { failure: string }).failure),
      );
    case 'showSnapshot': {
      const { vaultId, snapshotId } = address;
      const found = await services.ledger.get('snapshot', vaultId, snapshotId);
      return found && presentSnapshot(found.record);
    }
    default:
      throw new Error(`no route ${route}`);
  }
}) as unknown as CallApi;

function cliWith(kind: 'bar' | 'lines' | 'events', shown: string[] = []): PushingCli {
  let now = 0;
  return {
    call,
    sleep: async (milliseconds) => void waits.push(milliseconds),
    screen: {
      kind,
      columns: 80,
      write: (text) => shown.push(text),
      now: () => {
        now += 30_000;
        return now;
      },
    },
    onInterrupt: (listener) => {
      interrupt = listener;
      return () => {
        interrupt = undefined;
      };
    },
  };
}

function push(wanted: Partial<FolderPush> = {}, cli = cliWith('events')) {
  const { vaultId } = vault;
  const all = { folder, vaultId, exclude: [], allowEmpty: false, ...wanted };
  return pushFolder(cli, all, () => world.services);
}

const unavailable = () =>
  new CliError({ code: 'API_UNREACHABLE', message: '', next: '', exitCode: EXIT.unavailable });

describe('a push', () => {
  test('begins, reports its packs, and commits', async () => {
    const { snapshot, skipped } = await push();
    expect(calls).toEqual(['beginPush', 'renewPush', 'commitPush']);
    expect(snapshot.counts).toMatchObject({ records: 1, bytes: 8 });
    expect(skipped).toEqual({});
    expect(interrupt).toBeUndefined();
  });

  test('leaves out what is excluded, and says nothing of it', async () => {
    await writeFile(join(folder, 'x.tmp'), 'x');
    const { snapshot, skipped } = await push({ exclude: ['*.tmp'] });
    expect(snapshot.counts.records).toBe(1);
    expect(skipped).toEqual({});
  });

  test('asks again what may be asked again when the API does not answer', async () => {
    failures.set('renewPush', [unavailable(), unavailable()]);
    failures.set('commitPush', [unavailable()]);
    await push();
    expect(waits).toEqual([1000, 2000, 1000]);
    expect(calls.filter((route) => route === 'commitPush')).toHaveLength(2);
  });

  test('that was committed although no answer came is found to be', async () => {
    const lost = async (...input: Parameters<CallApi>) => {
      const answer = await call(...input);
      if (input[0] === 'commitPush') {
        throw new CliError({ code: 'UNEXPECTED', message: '', next: '', exitCode: 1 });
      }
      return answer;
    };
    const { snapshot } = await push({}, { ...cliWith('events'), call: lost as CallApi });
    expect(calls).toEqual(['beginPush', 'renewPush', 'commitPush', 'abandonPush', 'showSnapshot']);
    expect((await vaultNow(world, vault.vaultId)).lastSnapshotId).toBe(snapshot.snapshotId);
  });
});

describe('a push that fails', () => {
  test('is abandoned, and leaves its vault free', async () => {
    const failing = async (...input: Parameters<CallApi>) => {
      const answer = await call(...input);
      world.copies.primary.available = false;
      world.copies.secondary.available = false;
      return answer;
    };
    const cli = { ...cliWith('events'), call: failing as CallApi };
    await expect(push({}, cli)).rejects.toMatchObject({ code: 'COPY_UNAVAILABLE' });
    expect(calls).toEqual(['beginPush', 'abandonPush']);
    expect(await vaultNow(world, vault.vaultId)).toMatchObject({ activeRun: null });
  });

  test('with Ctrl-C ends at once, and is abandoned', async () => {
    const hanging = async (...input: Parameters<CallApi>) => {
      if (input[0] === 'renewPush') {
        calls.push('renewPush');
        interrupt?.();
        return new Promise(() => {});
      }
      return call(...input);
    };
    const pushed = push({}, { ...cliWith('events'), call: hanging as CallApi });
    await expect(pushed).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(calls).toEqual(['beginPush', 'renewPush', 'abandonPush']);
    expect(await vaultNow(world, vault.vaultId)).toMatchObject({ activeRun: null });
    world.clock.now();
    expect((await push()).snapshot.counts.records).toBe(1);
  });

  test('tells its own failure, also when the API cannot be told of it', async () => {
    failures.set('commitPush', [
      new CliError({ code: 'PUSH_REFUSED', message: '', next: '', exitCode: EXIT.damaged }),
    ]);
    failures.set('abandonPush', [unavailable()]);
    await expect(push()).rejects.toMatchObject({ code: 'PUSH_REFUSED' });
  });
});

describe('a folder that cannot be pushed is refused before anything is begun', () => {
  test.each([
    ['is not there', 'gone', 'There is no folder'],
    ['is a file', 'letter', 'is not a folder'],
    ['is empty', 'empty', 'There is nothing in'],
  ])('because it %s', async (_why, name, message) => {
    await mkdir(join(folder, 'empty'));
    await expect(push({ folder: join(folder, name) })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(message),
    });
    expect(calls).toEqual([]);
  });

  test('unless it is to be empty', async () => {
    await mkdir(join(folder, 'empty'));
    const { snapshot } = await push({ folder: join(folder, 'empty'), allowEmpty: true });
    expect(snapshot.counts).toMatchObject({ records: 0, packs: 0 });
  });
});

describe('progress', () => {
  test('is a bar with rate and remaining time on a terminal, gone at the end', async () => {
    const shown: string[] = [];
    for (let index = 0; index < 60; index += 1) {
      await writeFile(join(folder, `file ${index}`), 'x'.repeat(120_000));
    }
    await push({}, cliWith('bar', shown));
    const bars = shown.filter((text) => text.startsWith('\r['));
    expect(bars.length).toBeGreaterThan(5);
    expect(bars[4]).toMatch(
      /^\r\[#+-+\] {2}\d+% {2}\d+:\d\d left {2}[\d.]+ KiB\/s read {2}\d+ records, /,
    );
    expect(bars.every((bar) => bar.length < 80 + '\u001b[K'.length + 1)).toBe(true);
    expect(shown.at(-1)).toBe('\r\u001b[K');
  });

  test('is a line now and then elsewhere', async () => {
    const shown: string[] = [];
    await push({}, cliWith('lines', shown));
    expect(shown[0]).toMatch(/^Push 0\w{25} is under way\.\n$/);
    expect(shown[1]).toMatch(/^1 record, 8 B \(\d+ B\/s read\)\.\n$/);
  });

  test('is one JSON document a line with "--json"', async () => {
    const shown: string[] = [];
    const { runId, snapshot } = await push({}, cliWith('events', shown));
    const events = shown.map((line) => JSON.parse(line));
    expect(events[0]).toEqual({ event: 'begun', runId, snapshotId: snapshot.snapshotId });
    expect(events[1]).toMatchObject({ event: 'progress', records: 1, bytes: 8, readBytes: 8 });
  });
});
