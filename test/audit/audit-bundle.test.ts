import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../cli/run-cli.ts';
import { createHandler as createExport } from '../../functions/admin-export.ts';
import { createHandler as createQuery } from '../../functions/admin-query.ts';
import { verifyBundle } from '../../shared/audit/verify-bundle.ts';
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
/** Of the day before. */
let older: AuditBundle;
let publicKey: string;

/** The CLI over the real handler of the API; `offline` has nothing but files. */
async function run(args: string[], offline = false) {
  let [out, err] = ['', ''];
  const handlers = { query: createQuery(living.services), export: createExport(living.services) };
  const call = async (route: never, input: { params: object; query?: object }) => {
    const asked = Object.fromEntries(
      Object.entries(input.query ?? {}).map(([name, value]) => [name, String(value)]),
    );
    const request = httpRequest(route, { params: input.params as never, query: asked });
    const handle = route === 'exportAudit' ? handlers.export : handlers.query;
    return opened(await handle(request)).body;
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
  await living.clock.moveDays(1);
  await writeCheckpoint(living.services);
  expect((await run(['export', '--vault', vault.vaultId, '--output', FILE])).err).toBe('');
  older = parseAuditBundle(readFileSync(FILE, 'utf8')) as AuditBundle;
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
  return verifyBundle(copy, key);
};

// format.md 9.5
describe('an exported chain', () => {
  test('holds, and says which entries are signed and which only chained', async () => {
    const verified = await verifyBundle(bundle, publicKey);
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
    expect(problems).toEqual([
      expect.objectContaining({ at: keep + 1, what: 'truncated' }),
      expect.objectContaining({ what: 'other-export' }),
    ]);
    expect(problems[0]?.says).toContain('were signed on');
    expect(covered).toBe(0);
  });

  test('that was written anew, whole in itself, is found to be another one', async () => {
    const { problems } = await verify((copy) => {
      forge(copy, 0);
    });
    expect(problems.map(({ what }) => what)).toEqual(['changed', 'other-export']);
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
    expect(problems.map(({ what }) => what)).toEqual([
      'other-chain',
      'not-under-checkpoint',
      'other-export',
    ]);
  });

  // format.md 9.6
  test('that was forged and robbed of its checkpoint is not what was exported', async () => {
    const { problems, exportedAt } = await verify((copy) => {
      copy.checkpoint = null;
      forge(copy, 0);
    });
    expect(problems.map(({ what }) => what)).toEqual(['other-export']);
    expect(exportedAt).toBeNull();
  });

  test('that was robbed of its checkpoint alone is not the file that was exported', async () => {
    const { problems } = await verify((copy) => {
      copy.checkpoint = null;
    });
    expect(problems[0]?.says).toContain('The checkpoint is not the one that was exported');
  });

  test('that was robbed of all that is signed says so', async () => {
    const { problems } = await verify((copy) => {
      copy.checkpoint = null;
      copy.signature = null;
      forge(copy, 0);
    });
    expect(problems).toEqual([
      { at: 1, what: 'unsigned', says: 'Nothing in this file is signed.' },
    ]);
  });

  test('without its own signature is not whole, although its checkpoint holds', async () => {
    const { problems, covered } = await verify((copy) => {
      copy.signature = null;
    });
    expect(problems).toEqual([expect.objectContaining({ at: covered + 1, what: 'unsigned' })]);
  });

  test('with an older checkpoint, and forged behind it, is found out twice', async () => {
    const { problems } = await verify((copy) => {
      copy.checkpoint = structuredClone(older.checkpoint);
      forge(copy, older.checkpoint?.entries ?? 0);
    });
    expect(problems.map(({ what }) => what)).toEqual(['other-export']);
  });

  test('with an entry dated before the checkpoint that does not have it is found', async () => {
    const { problems } = await verify((copy) => {
      copy.signature = null;
      const first = copy.entries[0]?.at ?? '';
      Object.assign(copy.entries.at(-1) ?? {}, { at: first });
      forge(copy, copy.entries.length - 1);
    });
    expect(problems.map(({ what }) => what)).toEqual(['backdated', 'unsigned']);
  });

  test('with a field besides is no bundle: nothing signs it', () => {
    const text = JSON.stringify(bundle).replace('"sequence":1,', '"sequence":1,"note":"x",');
    expect(text).not.toBe(JSON.stringify(bundle));
    expect(parseAuditBundle(text)).toBeUndefined();
  });

  test('whose checkpoint somebody else signed is refused', async () => {
    const other = await new MemorySigning().publicKey();
    await expect(verify(() => {}, other)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });
});

/** Puts another actor behind an entry, and gives all from there on new hashes. */
function forge({ entries, head }: AuditBundle, after: number): void {
  let previous = entries[after - 1]?.hash ?? '0'.repeat(64);
  for (const entry of entries.slice(after)) {
    Object.assign(entry, { actor: 'holdfast:somebody', previous });
    entry.hash = hashOf(entry);
    previous = entry.hash;
  }
  head.hash = previous;
}

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
    const { entries } = bundle.checkpoint ?? {};
    expect(out).toContain(`The first ${entries} of ${bundle.entries.length} entries are signed`);
    expect(out).toContain("the file as a whole by the export's signature");
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
    expect(err).toContain('Ask the firm for the file anew');
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
  expect(out).toContain('No entry is signed by a checkpoint.');
});

test('an export of a day before the first checkpoint is not signed, but refused', async () => {
  const request = httpRequest('exportAudit', {
    params: { chainId: vault.vaultId },
    query: { date: '2020-01-01' },
  });
  const answer = opened(await createExport(living.services)(request));
  expect(answer).toMatchObject({ status: 404, body: { error: 'CHECKPOINT_UNKNOWN' } });
});
