import { execFile, execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KmsCustody } from '../../shared/aws/kms-custody.ts';
import { S3Copy } from '../../shared/aws/s3-copy.ts';
import { systemPause } from '../../shared/aws/system-clock.ts';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import {
  EMBEDDED_ACCOUNT,
  EMBEDDED_ROLES,
  type EmbeddedServices,
  startEmbeddedServices,
} from '../support/embedded-services.ts';
import { registeredVault } from '../support/living-installation.ts';
import { memoryServices, TEST_INSTALLATION } from '../support/memory-services.ts';

const { regions, buckets } = TEST_INSTALLATION;
const FORMAT = join(import.meta.dirname, '..', '..', 'docs', 'format.md');
const TOOLS = ['aws-encryption-cli', 'aws', 'jq', 'zstd', 'tar', 'sha256sum', 'bash'];

/** The snapshot's records by path; each is restored and compared. */
const RECORDS: Record<string, Buffer> = {
  '2026/客户/会议 纪要.txt': Buffer.from('会议纪要\n'),
  'changed.txt': Buffer.from('new state\n'),
  empty: Buffer.alloc(0),
  'large.bin': randomBytes(2_500_000),
  '../outside.txt': Buffer.from('kept inside\n'),
  [`${'long/'.repeat(60)}end`]: Buffer.from('deep\n'),
};

function missingTools(): string[] {
  return TOOLS.filter((tool) => {
    try {
      execFileSync(tool, ['--version'], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
}

const missing = missingTools();
if (missing.length > 0) {
  console.info(
    `recovery with standard tools is skipped: not installed here: ${missing.join(', ')}`,
  );
}

let embedded: EmbeddedServices;
let vault: Vault;
let snapshot: Snapshot;

/** A vault in S3 and KMS, whose second snapshot carries a pack with an older state forward. */
async function backUpToEmbedded(): Promise<void> {
  const world = memoryServices(new Date());
  const { clients, clock } = embedded;
  const copyOf = (name: 'primary' | 'secondary'): S3Copy =>
    new S3Copy({ name, client: clients.s3(regions[name]), bucket: buckets[name], clock });
  const custody = new KmsCustody({
    installation: TEST_INSTALLATION.name,
    partition: 'aws',
    account: EMBEDDED_ACCOUNT,
    regions,
    clientOf: clients.kms,
    roles: EMBEDDED_ROLES,
    pause: systemPause,
    randomBytes,
  });
  const copies = { primary: copyOf('primary'), secondary: copyOf('secondary') };
  const installed = { ...world, services: { ...world.services, copies, custody } };
  vault = await registeredVault(installed);
  const source = sourceOf(world, vault);
  for (const [path, bytes] of Object.entries(RECORDS)) {
    source.put(path, path === 'changed.txt' ? 'old state\n' : bytes);
  }
  source.put('deleted.txt', 'deleted since\n');
  await backUp(installed, vault);
  source.delete('deleted.txt');
  source.put('changed.txt', RECORDS['changed.txt'] ?? '');
  snapshot = await backUp(installed, vault);
}

/** The commands of the document, with the example's values replaced by real ones. */
async function recipe(copy: 'primary' | 'secondary'): Promise<string> {
  const text = await readFile(FORMAT, 'utf8');
  const blocks = [...text.matchAll(/^( *)```sh\n([\s\S]*?)^ *```$/gm)];
  const values = {
    COPY: buckets[copy],
    VAULT: vault.vaultId,
    KEY: vault.keys[copy],
    SNAPSHOT: snapshot.snapshotId,
  };
  const lines = blocks.map(([, indent = '', block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
  let script = lines.join('\n').replaceAll('.versions.primary', `.versions.${copy}`);
  for (const [name, value] of Object.entries(values)) {
    script = script.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${value}`);
  }
  return script;
}

describe.skipIf(missing.length > 0)('recovery without Holdfast', () => {
  beforeAll(async () => {
    embedded = await startEmbeddedServices();
    await backUpToEmbedded();
  }, 60_000);
  afterAll(() => embedded.stop());

  test.each(['primary', 'secondary'] as const)(
    'the commands of docs/format.md bring every record back from the %s copy',
    async (copy) => {
      const folder = await mkdtemp(join(tmpdir(), 'holdfast-recovery-'));
      try {
        const { stdout } = await promisify(execFile)(
          'bash',
          ['--norc', '-euo', 'pipefail', '-c', await recipe(copy)],
          {
            cwd: folder,
            env: {
              PATH: process.env.PATH,
              HOME: folder,
              AWS_ENDPOINT_URL: embedded.endpoint,
              AWS_ACCESS_KEY_ID: 'operator',
              AWS_SECRET_ACCESS_KEY: 'operator-secret',
              AWS_REGION: regions[copy],
              AWS_DEFAULT_REGION: regions[copy],
              LANG: 'C.UTF-8',
            },
          },
        );
        expect(stdout).not.toMatch(/FAILED/);
        for (const [path, bytes] of Object.entries(RECORDS)) {
          const escaped = `holdfast-escaped/${createHash('sha256').update(path).digest('hex')}`;
          const found = await readFile(join(folder, path.startsWith('..') ? escaped : path));
          expect(found.equals(bytes)).toBe(true);
        }
        await expect(readFile(join(folder, 'deleted.txt'))).rejects.toThrow('ENOENT');
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    120_000,
  );
});
