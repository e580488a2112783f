import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { runCli } from '../../cli/run-cli.ts';
import {
  type DeployedInstallation,
  deployInstallation,
  PRIMARY_REGION,
} from '../support/deployed-installation.ts';
import { factsOf, makeOddTree } from '../support/odd-tree.ts';

let holdfast: DeployedInstallation;
let work: string;
let vaultId: string;
let clients = 0;

beforeAll(async () => {
  holdfast = await deployInstallation();
  vi.stubEnv('AWS_ENDPOINT_URL', holdfast.aws.endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'operator');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'operator-secret');
}, 120_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await holdfast.close();
});

beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'holdfast-push-'));
  clients += 1;
  const client = { name: 'Somebody', reference: `P-${clients}` };
  const { clientId } = await holdfast.operator('addClient', { params: {}, body: client });
  const args = ['vault', 'add', '--client', clientId, '--class', 'books'];
  const options = ['--policy', 'consent-only', '--source', 'folder'];
  const added = await run(...args, ...options, '--json');
  vaultId = JSON.parse(added.out).vaultId;
});

afterEach(async () => {
  await chmod(join(work, 'tree/read-only'), 0o700).catch(() => undefined);
  await chmod(join(work, 'restored/read-only'), 0o700).catch(() => undefined);
  await rm(work, { recursive: true });
});

async function run(...args: string[]) {
  let [out, err] = ['', ''];
  const code = await runCli({
    args,
    environment: { HOLDFAST_API_URL: holdfast.aws.apiUrl, AWS_REGION: PRIMARY_REGION },
    writeOut: (text) => {
      out += text;
    },
    writeErr: (text) => {
      err += text;
    },
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    now: () => performance.now(),
  });
  return { code, out, err };
}

const push = (folder: string, ...options: string[]) =>
  run('push', join(work, folder), '--vault', vaultId, ...options, '--json');

describe('a pushed folder', () => {
  test('comes back as it was, from either copy', async () => {
    await makeOddTree(join(work, 'tree'));
    const before = await factsOf(join(work, 'tree'));
    const pushed = await push('tree');
    expect(pushed).toMatchObject({ code: 0 });
    const { snapshot, skipped } = JSON.parse(pushed.out);
    expect(skipped).toEqual({});
    expect(snapshot.counts).toMatchObject({ records: Object.keys(before).length, skipped: 0 });
    const shown = await run('snapshot', 'show', snapshot.snapshotId, '--vault', vaultId, '--json');
    expect(JSON.parse(shown.out)).toMatchObject({ protection: { state: 'protected' } });
    for (const copy of ['primary', 'secondary']) {
      const to = join(work, 'restored');
      const restored = await run('restore', '--vault', vaultId, '--from', copy, '--to', to);
      expect(restored).toMatchObject({ code: 0 });
      expect(await factsOf(to)).toEqual(before);
      await chmod(join(to, 'read-only'), 0o700);
      await rm(to, { recursive: true });
    }
  });

  test('is read again only where it changed', async () => {
    await makeOddTree(join(work, 'tree'));
    await push('tree');
    const again = JSON.parse((await push('tree')).out);
    expect(again.snapshot.counts).toMatchObject({ readRecords: 0, readBytes: 0 });
    await writeFile(join(work, 'tree/a.txt'), 'changed');
    await rm(join(work, 'tree/large'));
    const third = JSON.parse((await push('tree', '--exclude', '*.sh')).out);
    // The file, and the folder nobody sees: the root itself is no record.
    expect(third.snapshot.counts).toMatchObject({
      readRecords: 1,
      readBytes: 7,
      records: again.snapshot.counts.records - 2,
    });
  });

  test('restores to an S3 prefix as well', async () => {
    await makeOddTree(join(work, 'tree'));
    await push('tree');
    expect(await holdfast.restore(vaultId, `pushed-${clients}/`)).toBe('SUCCEEDED');
  });

  test('is refused by what it is not for', async () => {
    await makeOddTree(join(work, 'tree'));
    const backup = await run('backup', 'run', '--vault', vaultId);
    expect(backup.err).toContain('push DIR');
    expect(backup.code).toBe(5);
    const other = await holdfast.addVault(`S-${clients}`);
    const pushed = await run('push', join(work, 'tree'), '--vault', other, '--json');
    expect(JSON.parse(pushed.err)).toMatchObject({ error: 'SOURCE_NOT_FOLDER' });
    expect(pushed.code).toBe(5);
  });

  test('tells what it left out, and ends with the code for it', async () => {
    await makeOddTree(join(work, 'tree'));
    await writeFile(Buffer.from(`${work}/tree/bad-\xff`, 'latin1'), 'x');
    const pushed = await push('tree');
    expect(pushed.code).toBe(8);
    expect(JSON.parse(pushed.out)).toMatchObject({ skipped: { name: 1 } });
    const events = pushed.err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events).toContainEqual({ event: 'skipped', path: 'bad-\\xff', reason: 'name' });
    expect(events[0]).toMatchObject({ event: 'begun' });
  });
});
