import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../cli/run-cli.ts';
import { createHandler } from '../../functions/admin-query.ts';
import { verifyChain } from '../../shared/audit/verify-chain.ts';
import { writeCheckpoint } from '../../shared/audit/write-checkpoint.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { type AuditBundle, parseAuditBundle } from '../../shared/format/audit-bundle.ts';
import { httpRequest, opened } from '../functions/http-fixture.ts';
import { backUp } from '../support/backed-up-vault.ts';
import { livingInstallation, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { MemorySigning } from '../support/memory-signing.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-bundle-'));
const FILE = join(folder, 'audit.json');
const KEY = join(folder, 'public.pem');

let living: MemoryServices;
let vault: Vault;
let bundle: AuditBundle;
let publicKey: string;

/** The CLI over the real handler of the API; `offline` has nothing but files. */
async function run(args: string[], offline = false) {
  let [out, err] = ['', ''];
  const query = createHandler(living.services);
  const call = async (route: never, input: { params: object; query?: object }) => {
    const asked = Object.fromEntries(
      Object.entries(input.query ?? {}).map(([name, value]) => [name, String(value)]),
    );
    const request = httpRequest(route, { params: input.params as never, query: asked });
    return opened(await query(request)).body;
  };
  const unplanned = async () => Promise.reject(new Error('not planned'));
  const code = await runCli({
    args: ['audit', ...args],
    environment: {},
    writeOut: (text) => {
      out += text;
    },
    writeErr: (text) => {
      err += text;
    },
    sleep: async () => {},
    ...(offline
      ? {}
      : {
          connect: () => ({
            call: call as never,
            restoreToFolder: unplanned,
            pushFolder: unplanned,
            measureSource: unplanned,
          }),
        }),
  });
  return { code, out, err };
}

beforeAll(async () => {
  living = livingInstallation();
  for (const reference of ['A-1', 'B-2', 'C-3', 'D-4', 'E-5']) {
    const made = await registeredVault(living, { reference });
    vault = reference === 'C-3' ? made : vault;
  }
  await backUp(living, vault);
  await living.clock.moveDays(1);
  await writeCheckpoint(living.services);
  await backUp(living, vault);
  publicKey = await living.signing.publicKey();
  writeFileSync(KEY, publicKey);
  const exported = await run(['export', '--vault', vault.vaultId, '--output', FILE]);
  expect(exported.err).toBe('');
  bundle = parseAuditBundle(readFileSync(FILE, 'utf8')) as AuditBundle;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const verify = (change: (copy: AuditBundle) => void, key = publicKey) => {
  const copy = structuredClone(bundle);
  change(copy);
  return verifyChain(copy, key);
};

// format.md 9.5
describe('an exported chain', () => {
  test('holds, and says which entries are signed and which only chained', async () => {
    const verified = await verifyChain(bundle, publicKey);
    expect(verified).toMatchObject({ chainId: vault.vaultId, problems: [] });
    expect(verified.covered).toBe(bundle.checkpoint?.entries);
    expect(verified.covered).toBeLessThan(verified.entries);
    expect(verified.entries).toBe(bundle.entries.length);
  });

  test('in which any entry was changed is found at that entry', async () => {
    for (const [index, entry] of bundle.entries.entries()) {
      for (const change of [
        { actor: 'arn:aws:iam::111122223333:user/somebody' },
        { result: entry.result === 'done' ? 'denied' : 'done' },
        { requestId: 'other' },
        { at: '2020-01-01T00:00:00.000Z' },
        { details: { other: 1 } },
      ]) {
        const { problems } = await verify((copy) =>
          Object.assign(copy.entries[index] ?? {}, change),
        );
        expect(problems[0]).toMatchObject({ at: index + 1, what: 'changed' });
      }
    }
  });

  test('in which any entry is missing is found at that entry', async () => {
    for (const index of bundle.entries.keys()) {
      const { problems } = await verify((copy) => copy.entries.splice(index, 1));
      const isLast = index === bundle.entries.length - 1;
      expect(problems[0]).toMatchObject({ at: index + 1, what: isLast ? 'truncated' : 'missing' });
    }
  });

  test('in which two entries changed places is found at the first', async () => {
    for (let index = 0; index < bundle.entries.length - 1; index += 1) {
      const { problems } = await verify(({ entries }) => {
        const [one] = entries.splice(index, 1);
        entries.splice(index + 1, 0, one as never);
      });
      expect(problems[0]).toMatchObject({ at: index + 1, what: 'out-of-place' });
    }
  });

  test('that was cut off together with its head is found: the head was signed', async () => {
    const keep = (bundle.checkpoint?.entries ?? 0) - 1;
    const { problems, covered } = await verify((copy) => {
      copy.entries.splice(keep);
      copy.head = { entries: keep, hash: copy.entries.at(-1)?.hash ?? '' };
    });
    expect(problems).toEqual([expect.objectContaining({ at: keep + 1, what: 'truncated' })]);
    expect(problems[0]?.says).toContain('were signed on');
    expect(covered).toBe(0);
  });

  test('that was written anew, whole in itself, is found to be another one', async () => {
    const { problems } = await verify((copy) => {
      let previous = '0'.repeat(64);
      for (const entry of copy.entries) {
        Object.assign(entry, { actor: 'holdfast:somebody', previous });
        entry.hash = hashOf(entry);
        previous = entry.hash;
      }
      copy.head.hash = previous;
    });
    expect(problems).toEqual([expect.objectContaining({ what: 'changed' })]);
    expect(problems[0]?.says).toContain('another one than was signed');
  });

  test.each<[string, (copy: AuditBundle) => void]>([
    ['head', ({ checkpoint }) => Object.assign(checkpoint ?? {}, { head: 'ab'.repeat(32) })],
    ['length', ({ checkpoint }) => Object.assign(checkpoint ?? {}, { entries: 1 })],
    ['place', ({ checkpoint }) => Object.assign(checkpoint ?? {}, { index: 0 })],
    ['path', ({ checkpoint }) => checkpoint?.path.pop()],
  ])('whose signed %s was changed is not under the checkpoint', async (_case, change) => {
    const { problems, covered } = await verify(change);
    expect(problems.map(({ what }) => what)).toContain('not-under-checkpoint');
    expect(covered).toBe(0);
  });

  test('of another vault is not taken for this one', async () => {
    const { problems } = await verify((copy) => {
      copy.chainId = '01KB1T8R9ZJ4Y6V3N5M2X9W0RC';
    });
    expect(problems.map(({ what }) => what)).toEqual(['other-chain', 'not-under-checkpoint']);
  });

  test('whose checkpoint somebody else signed is refused', async () => {
    const other = await new MemorySigning().publicKey();
    await expect(verify(() => {}, other)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });
});

/** format.md 6.1, written down a second time. */
function hashOf(entry: AuditBundle['entries'][number]): string {
  const details = Object.entries(entry.details).sort(([a], [b]) => (a < b ? -1 : 1));
  const { chainId, sequence, at, actor, action, result, reason, requestId, previous } = entry;
  const fields = [chainId, sequence, at, actor, action, result, reason, requestId];
  const text = JSON.stringify([...fields, details, previous]);
  return createHash('sha256').update(text).digest('hex');
}

describe('audit verify', () => {
  test('offline, with the published key', async () => {
    const { code, out } = await run(['verify', FILE, '--key', KEY], true);
    expect(code).toBe(0);
    expect(out).toContain('The chain is whole.');
    expect(out).not.toContain('came with the file');
  });

  test('says so when the key came with the file', async () => {
    const { code, out } = await run(['verify', FILE], true);
    expect(code).toBe(0);
    expect(out).toContain('The key came with the file');
  });

  test('of the ledger as it is now', async () => {
    const { code, out } = await run(['verify', '--vault', vault.vaultId, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ whole: true, problems: [] });
  });

  test('ends with 6 and says where it is broken', async () => {
    const broken = join(folder, 'broken.json');
    const copy = structuredClone(bundle);
    copy.entries.splice(1, 1);
    writeFileSync(broken, JSON.stringify(copy));
    const { code, out, err } = await run(['verify', broken, '--key', KEY], true);
    expect(code).toBe(6);
    expect(out).toContain('Entry 2 is missing');
    expect(err).toContain('AUDIT_BROKEN');
  });

  test.each([
    ['nothing to verify', ['verify']],
    ['both', ['verify', FILE, '--vault', '01KB1T8R9ZJ4Y6V3N5M2X9W0RC']],
    ['no bundle', ['verify', KEY]],
    ['a missing file', ['verify', join(folder, 'none')]],
  ])('ends with 2 for %s', async (_case, args) => {
    expect((await run(args, true)).code).toBe(2);
  });
});

test('a vault without a checkpoint is verified, and nothing of it is called signed', async () => {
  const young = await registeredVault(living, { reference: 'F-6' });
  const { code, out } = await run(['verify', '--vault', young.vaultId]);
  expect(code).toBe(0);
  expect(out).toMatch(/checkpoint +none yet/);
  expect(out).toContain('the first 0 entries');
});
