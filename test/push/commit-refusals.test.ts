import { hash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PushAnswer } from '../../shared/admin-api/push-answers.ts';
import { inBothCopies } from '../../shared/domain/copy-name.ts';
import type { StoredObject, Vault } from '../../shared/domain/records.ts';
import { manifestKey, packKey, sealKey } from '../../shared/format/object-keys.ts';
import { type Seal, sealBytes } from '../../shared/format/seal.ts';
import { beginPush } from '../../shared/push/begin-push.ts';
import { commitPush } from '../../shared/push/commit-push.ts';
import { renewPush } from '../../shared/push/renew-push.ts';
import { bytesIn } from '../support/backed-up-vault.ts';
import { OPERATOR, vaultNow } from '../support/living-installation.ts';
import { type MemoryServices, memoryServices } from '../support/memory-services.ts';
import { MemorySource } from '../support/memory-source.ts';
import { folderVault, push, sealOf, type Written, writeFrom } from '../support/pushed-vault.ts';

let world: MemoryServices;
let vault: Vault;
let source: MemorySource;
let plan: PushAnswer;
let written: Written;

beforeEach(async () => {
  world = memoryServices();
  vault = await folderVault(world);
  source = new MemorySource(world.clock, vault.vaultId);
  source.put('letter', 'a letter');
  await push(world, vault, source);
  await world.clock.moveDays(1);
  source.put('invoice', 'an invoice');
  plan = await beginPush(world.services, OPERATOR, vault.vaultId);
  written = await writeFrom(world, plan, source);
});

const commit = (body = sealOf(written)) => commitPush(world.services, OPERATOR, plan, body);

/** The refusal, after which nothing is committed and the push goes on. */
async function refused(attempt: Promise<unknown>, code: string, problem?: RegExp): Promise<void> {
  const before = await vaultNow(world, vault.vaultId);
  const expected =
    problem === undefined ? { code } : { code, message: expect.stringMatching(problem) };
  await expect(attempt).rejects.toMatchObject(expected);
  expect(await vaultNow(world, vault.vaultId)).toEqual(before);
  const run = await world.ledger.get('run', vault.vaultId, plan.runId);
  expect(run?.record.state).toBe('RUNNING');
}

async function writtenSeal(): Promise<Seal> {
  return JSON.parse((await bytesIn(world, 'primary', versioned(written.seal))).toString()) as Seal;
}

function versioned(object: StoredObject) {
  return object as StoredObject & { versions: { primary: string; secondary: string } };
}

/** Another seal in the place of the one that was written. */
async function forged(change: (seal: Seal) => Seal) {
  const bytes = sealBytes(change(await writtenSeal()));
  const sha256 = hash('sha256', bytes, 'hex');
  const { key } = written.seal;
  const versions = await inBothCopies(async (copy) => {
    const version = world.copies[copy].overwrite(key, bytes);
    await world.copies[copy].extendLock(key, version, new Date(plan.lockedUntil));
    return version;
  });
  return { seal: { size: bytes.length, sha256, versions } };
}

/** Writes bytes under a name of the vault, locked until then. */
async function stored(key: string, text: string, lockedUntil: string): Promise<StoredObject> {
  const bytes = Buffer.from(text);
  const sha256 = hash('sha256', bytes, 'hex');
  const write = { lockedUntil: new Date(lockedUntil), contentType: 'text/plain', sha256 };
  const versions = await inBothCopies((copy) => world.copies[copy].put(key, bytes, write));
  return { key, size: bytes.length, sha256, versions };
}

describe('a seal is refused, and nothing committed', () => {
  test('when it is not there', async () => {
    world.copies.secondary.lose(written.seal.key, written.seal.versions.secondary ?? '');
    await refused(commit(), 'OBJECT_MISSING');
  });

  test('when it has another SHA-256 than the caller says', async () => {
    const { seal } = sealOf(written);
    await refused(commit({ seal: { ...seal, sha256: '0'.repeat(64) } }), 'OBJECT_DAMAGED');
  });

  test('when only one copy has what the caller says', async () => {
    const { key, versions } = written.seal;
    world.copies.secondary.damage(key, versions.secondary ?? '', Buffer.from('{}'));
    await refused(commit(), 'OBJECT_DAMAGED');
  });

  test('when it is not locked', async () => {
    world.copies.primary.unlock(written.seal.key, written.seal.versions.primary ?? '');
    await refused(commit(), 'PUSH_REFUSED', /seal.json is not locked long enough/);
  });

  test('when it is of another snapshot, or of another vault', async () => {
    const other = { snapshotId: '01K9ZZZZZZ0000000000000009' };
    await refused(commit(await forged((seal) => ({ ...seal, ...other }))), 'OBJECT_DAMAGED');
    const foreign = { vaultId: '01K9ZZZZZZ0000000000000009' };
    await refused(commit(await forged((seal) => ({ ...seal, ...foreign }))), 'OBJECT_DAMAGED');
  });

  test.each(['createdAt', 'retainUntil', 'lockedUntil'])(
    'when its %s is not what was promised',
    async (name) => {
      const body = await forged((seal) => ({ ...seal, [name]: '2099-01-01T00:00:00.000Z' }));
      await refused(commit(body), 'PUSH_REFUSED', /other dates/);
    },
  );

  test('when its counts are not those of its packs', async () => {
    const body = await forged((seal) => ({ ...seal, counts: { ...seal.counts, packBytes: 1 } }));
    await refused(commit(body), 'PUSH_REFUSED', /counts its packs wrongly/);
  });
});

describe('a manifest is refused', () => {
  test('when there is none', async () => {
    const body = await forged((seal) => ({ ...seal, manifests: [] }));
    await refused(commit(body), 'PUSH_REFUSED', /names no manifest/);
  });

  test('when it is that of another vault or snapshot', async () => {
    const elsewhere = manifestKey(vault.vaultId, plan.previous?.snapshotId ?? '', 0);
    const body = await forged((seal) => ({
      ...seal,
      manifests: seal.manifests.map((part) => ({ ...part, key: elsewhere })),
    }));
    await refused(commit(body), 'PUSH_REFUSED', /a manifest that is not its own/);
  });

  test.each([
    ['missing', /manifest-0 is missing in the secondary/],
    ['unlocked', /manifest-0 is not locked long enough in the secondary/],
  ])('when it is %s in one copy', async (how, problem) => {
    const [manifest] = (await writtenSeal()).manifests;
    const { key = '', versions } = manifest ?? {};
    const method = how === 'missing' ? 'lose' : 'unlock';
    world.copies.secondary[method](key, versions?.secondary ?? '');
    await refused(commit(), 'PUSH_REFUSED', problem);
  });

  test('when S3 knows another SHA-256 of it', async () => {
    const body = await forged((seal) => ({
      ...seal,
      manifests: seal.manifests.map((part) => ({ ...part, sha256: 'f'.repeat(64) })),
    }));
    await refused(commit(body), 'PUSH_REFUSED', /manifest-0 has another SHA-256/);
  });
});

describe('a pack is refused', () => {
  const [FOREIGN] = ['01K9ZZZZZZ000000000000000A'];

  test('when the ledger does not know it: it was never examined', async () => {
    const body = await forged((seal) => {
      const packs = [
        ...seal.packs,
        { ...(seal.packs[0] as Seal['packs'][0]), packId: `7${'Z'.repeat(25)}` },
      ];
      return { ...seal, packs, counts: countsOf(seal, packs) };
    });
    await refused(commit(body), 'PUSH_REFUSED', /is not a recorded pack of this vault/);
  });

  test('when it belongs to another vault', async () => {
    const other = await folderVault(world, 'F-2');
    const foreign = await push(world, other, source);
    const theirs = JSON.parse(
      (await bytesIn(world, 'primary', versioned(foreign.seal))).toString(),
    ) as Seal;
    const body = await forged((seal) => {
      const packs = [...seal.packs, ...theirs.packs];
      return { ...seal, packs, counts: countsOf(seal, packs) };
    });
    await refused(commit(body), 'PUSH_REFUSED', /is not a recorded pack of this vault/);
  });

  test.each(['sha256', 'snapshotId', 'versions'])(
    'when it is sealed with another %s',
    async (field) => {
      const changed = {
        sha256: 'f'.repeat(64),
        snapshotId: FOREIGN,
        versions: { primary: 'other', secondary: 'other' },
      }[field];
      const body = await forged((seal) => ({
        ...seal,
        packs: seal.packs.map((pack) => ({ ...pack, [field]: changed })),
      }));
      await refused(commit(body), 'PUSH_REFUSED', /is sealed otherwise than it was recorded/);
    },
  );

  test('when an earlier one was not locked as long as the snapshot', async () => {
    const { vaultId } = await folderVault(world, 'F-4');
    const first = await push(world, await vaultNow(world, vaultId), source);
    await world.clock.moveDays(400);
    const late = await beginPush(world.services, OPERATOR, vaultId);
    const own = await writeFrom(world, late, source);
    // As if it had not asked for the lock of what it carries forward.
    for await (const { record, version } of world.ledger.list('pack', { vaultId })) {
      const { lockedUntil } = first;
      await world.ledger.write([{ record: { ...record, lockedUntil }, expect: version }]);
      world.copies.primary.unlock(record.key, record.versions.primary ?? '');
      world.copies.secondary.unlock(record.key, record.versions.secondary ?? '');
    }
    const attempt = commitPush(world.services, OPERATOR, late, sealOf(own));
    await expect(attempt).rejects.toMatchObject({
      code: 'PUSH_REFUSED',
      message: expect.stringMatching(/is not locked long enough/),
    });
  });

  describe('while the push goes on', () => {
    const renew = (packs: object[]) =>
      renewPush(world.services, plan, { written: packs as never, carried: [] });
    const packId = '01K9ZZZZZZ000000000000000B';
    const write = async (lockedUntil = plan.lockedUntil) => {
      const { key: _, ...object } = await stored(
        packKey(vault.vaultId, packId),
        'pack',
        lockedUntil,
      );
      return { packId, ...object };
    };

    test('when it is missing, too short, or not what is there', async () => {
      const pack = await write();
      const gone = { ...pack, packId: '01K9ZZZZZZ000000000000000C' };
      await refused(renew([gone]), 'PUSH_REFUSED', /is missing in the primary/);
      await refused(renew([{ ...pack, size: 5 }]), 'PUSH_REFUSED', /has another size/);
      const sha256 = 'f'.repeat(64);
      await refused(renew([{ ...pack, sha256 }]), 'PUSH_REFUSED', /has another SHA-256/);
    });

    test('when its lock ends before the snapshot does', async () => {
      const day = new Date(new Date(plan.lockedUntil).getTime() - 86_400_000).toISOString();
      await refused(renew([await write(day)]), 'PUSH_REFUSED', /is not locked long enough/);
    });

    test('when the ledger knows another one of that id', async () => {
      const [earlier] = (await writtenSeal()).packs;
      const sameName = { ...(await write()), packId: earlier?.packId ?? '' };
      const key = packKey(vault.vaultId, sameName.packId);
      const versions = await inBothCopies(async (copy) => {
        const version = world.copies[copy].overwrite(key, Buffer.from('pack'));
        await world.copies[copy].extendLock(key, version, new Date(plan.lockedUntil));
        return version;
      });
      await refused(renew([{ ...sameName, versions }]), 'PUSH_REFUSED', /is known as another pack/);
    });

    test('and is taken once, however often it is told', async () => {
      const pack = await write();
      await renew([pack]);
      await renew([pack]);
      const known = await world.ledger.get('pack', vault.vaultId, packId);
      expect(known?.record).toMatchObject({ snapshotId: plan.snapshotId, runId: plan.runId });
    });

    test('when an earlier one that is to be carried is not known', async () => {
      const attempt = renewPush(world.services, plan, { written: [], carried: [packId] });
      await expect(attempt).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
    });
  });
});

function countsOf({ counts }: Seal, packs: Seal['packs']): Seal['counts'] {
  const packBytes = packs.reduce((sum, pack) => sum + pack.size, 0);
  return { ...counts, packs: packs.length, packBytes };
}

test('another run than the one that was begun commits nothing', async () => {
  const other = { vaultId: vault.vaultId, runId: '01K9ZZZZZZ000000000000000F' };
  const attempt = commitPush(world.services, OPERATOR, other, sealOf(written));
  await expect(attempt).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
  expect(sealKey(vault.vaultId, plan.snapshotId)).toBe(written.seal.key);
});
