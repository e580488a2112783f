import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { restoreToFolder } from '../../cli/restore-to-folder.ts';
import { withoutKind } from '../../shared/admin-api/answers.ts';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import { registerClient } from '../../shared/registry/register-client.ts';
import { registerVault } from '../../shared/registry/register-vault.ts';
import { requestRestore } from '../../shared/restore/request-restore.ts';
import { memoryServices } from '../support/memory-services.ts';

const ACTOR = 'arn:aws:iam::111122223333:user/operator';
const SOURCE = { bucket: 'firm-records', prefix: '', region: 'eu-central-1' };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What the admin API answers for a restore to a folder, and the services behind it. */
async function backedUp() {
  const { services, sourceAt } = memoryServices();
  const client = { name: '莲花', reference: 'C-1' };
  const { clientId } = await registerClient(services, ACTOR, client);
  const source = { kind: 's3' as const, ...SOURCE };
  const body = { recordClass: 'books', policyId: 'consent-only', source };
  const { vaultId } = await registerVault(services, ACTOR, clientId, body);
  sourceAt(SOURCE).put('2025/发票.txt', Buffer.from('一张发票'));
  sourceAt(SOURCE).put('2024/old.txt', Buffer.from('old'));
  const { runId } = await requestBackup(services, ACTOR, vaultId);
  await runBackup(services, { vaultId, runId });
  const wish = { patterns: [], from: 'any' as const, target: { kind: 'folder' as const } };
  const requested = await requestRestore(services, ACTOR, vaultId, { ...wish, overwrite: false });
  const { plan, restore } = requested;
  const answer = { restore: withoutKind(restore), plan, installation: services.installation };
  return { answer: JSON.parse(JSON.stringify(answer)) as typeof answer, services };
}

const wanted = () => ({
  folder,
  patterns: [] as string[],
  from: 'any' as const,
  overwrite: false,
  progress: () => {},
});

describe('a restore on this machine', () => {
  test('writes every record under its path, from the plan as the API answered it', async () => {
    const { answer, services } = await backedUp();
    const places: unknown[] = [];
    const done = await restoreToFolder(answer, wanted(), (place) => {
      places.push(place);
      return services;
    });
    expect(done).toEqual({ records: 2, bytes: 15 });
    expect(places).toEqual([services.installation]);
    expect(await readFile(join(folder, '2025/发票.txt'), 'utf8')).toBe('一张发票');
    expect(await readFile(join(folder, '2024/old.txt'), 'utf8')).toBe('old');
  });

  test('writes only what matches', async () => {
    const { answer, services } = await backedUp();
    const chosen = { ...wanted(), patterns: ['2025/**'] };
    const done = await restoreToFolder(answer, chosen, () => services);
    expect(done.records).toBe(1);
  });

  test('leaves files that are there already, unless it is asked to replace them', async () => {
    const { answer, services } = await backedUp();
    await restoreToFolder(answer, wanted(), () => services);
    await writeFile(join(folder, '2024/old.txt'), 'mine');
    const again = restoreToFolder(answer, wanted(), () => services);
    await expect(again).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
    expect(await readFile(join(folder, '2024/old.txt'), 'utf8')).toBe('mine');
    await restoreToFolder(answer, { ...wanted(), overwrite: true }, () => services);
    expect(await readFile(join(folder, '2024/old.txt'), 'utf8')).toBe('old');
  });
});
