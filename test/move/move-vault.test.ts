import { beforeEach, describe, expect, test } from 'vitest';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import { requireCertificate } from '../../shared/certificate/find-certificate.ts';
import { renderPage } from '../../shared/certificate/page/render-page.ts';
import { verifyCertificate } from '../../shared/certificate/verify-certificate.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { tierOf } from '../../shared/domain/key-tier.ts';
import type { StoredObject, Vault } from '../../shared/domain/records.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { readKeyNames } from '../../shared/format/message-reader.ts';
import { applyVaultHolds } from '../../shared/holds/apply-vault-holds.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { beginMove } from '../../shared/move/begin-move.ts';
import { moveDueVaults } from '../../shared/move/move-due-vaults.ts';
import { rebuildLedger } from '../../shared/rebuild/rebuild-ledger.ts';
import { renewLocks } from '../../shared/retention/renew-locks.ts';
import { sweepCopies } from '../../shared/retention/sweep-copies.ts';
import { snapshotObjects } from '../../shared/snapshot/written-parts.ts';
import { requestVerification } from '../../shared/verify/request-verification.ts';
import { verifySnapshot } from '../../shared/verify/verify-snapshot.ts';
import { backUp, bytesIn, restoredFrom, sourceOf } from '../support/backed-up-vault.ts';
import { TOOL_VERSION } from '../support/certified-erasure.ts';
import { approved, erasureNow, keyStates, requested } from '../support/erasing.ts';
import { heldCounts, holdingInstallation, LAWSUIT, release } from '../support/holding-world.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import { MemoryLedger } from '../support/memory-ledger.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import {
  begin,
  branchKeyVault,
  type Contents,
  contentsOf,
  halfAnHour,
  moved,
  passes,
} from '../support/moved-vault.ts';
import { locksOf, packRecords, snapshotRecords } from '../support/retained-vault.ts';

const ENDLESS = () => Number.POSITIVE_INFINITY;
const always = () => true;

let world: MemoryServices;
let vault: Vault;
let contents: Contents;

beforeEach(async () => {
  world = livingInstallation();
  vault = await branchKeyVault(world);
  contents = await contentsOf(world, vault);
});

/** @returns all that the ledger says the copies are to have: packs, manifest parts and seals. */
async function storedNow(): Promise<StoredObject[]> {
  const snapshots = await snapshotRecords(world, vault);
  const own = await Promise.all(snapshots.map((one) => snapshotObjects(world.services, one)));
  return [...(await packRecords(world, vault)), ...own.flat()];
}

/** @returns how many versions each copy has under the vault's name. */
async function versionCounts(): Promise<number[]> {
  const prefix = `vaults/${vault.vaultId}/`;
  return Promise.all(
    COPY_NAMES.map(async (copy) => (await Array.fromAsync(world.copies[copy].list(prefix))).length),
  );
}

describe('a vault that was moved', () => {
  test('restores from either copy with its new keys alone, and the old ones are gone', async () => {
    const now = await moved(world, vault);
    expect(tierOf(now.keys)).toBe('dedicated');
    expect(now.move?.state).toBe('DONE');
    expect(await keyStates(world, now)).toEqual(['Enabled', 'Enabled']);
    expect(await keyStates(world, vault)).toEqual(['Gone', 'Gone']);
    expect(contents.size).toBe(2);
    expect(await contentsOf(world, now)).toEqual(contents);
    for (const object of await storedNow()) {
      if (object.key.endsWith('.json')) {
        continue;
      }
      for (const copy of COPY_NAMES) {
        const names = await readKeyNames(chunksOf(await bytesIn(world, copy, object)));
        const arns = names.map((name) => Object.values(now.keys).find((key) => name.includes(key)));
        expect(arns).toEqual([now.keys.primary, now.keys.secondary]);
      }
    }
  });

  // format.md 2.8
  test('keeps every lock, and is backed up on as before', async () => {
    const before = new Map((await storedNow()).map((object) => [object.key, object]));
    const now = await moved(world, vault);
    for (const object of await storedNow()) {
      const was = before.get(object.key) as StoredObject;
      expect(object.versions).not.toEqual(was.versions);
      expect(await locksOf(world, object)).toEqual(await locksOf(world, was));
    }
    sourceOf(world, now).put('later.txt', 'after the move');
    const snapshot = await backUp(world, now);
    expect(snapshot.counts.readRecords).toBe(1);
    expect(await restoredFrom(world, now, snapshot, 'any')).toEqual({
      ...[...contents.values()].at(-1),
      'later.txt': 'after the move',
    });
  });

  test('loses the versions of before as their locks end, and nothing else', async () => {
    await moved(world, vault);
    const doubled = await versionCounts();
    for (let week = 0; week < 20; week += 1) {
      await world.clock.moveDays(6);
      await renewLocks(world.services, always);
      expect((await sweepCopies(world.services, always)).stopped).toBe(0);
    }
    expect(doubled).toEqual([12, 12]);
    const left = await storedNow();
    expect(await versionCounts()).toEqual([left.length, left.length]);
    const remembered = world.ledger.records().filter(({ kind }) => kind === 'moved-object');
    expect(remembered).toEqual([]);
    const found = [...(await contentsOf(world, vault)).values()];
    expect(found).toEqual([...contents.values()].slice(-found.length));
    expect(found.length).toBeGreaterThan(0);
  });

  // format.md 5.6
  test('comes back from its copies alone when the ledger is lost', async () => {
    const now = await moved(world, vault);
    const ledger = new MemoryLedger();
    const lost = { ...world, ledger, services: { ...world.services, ledger } };
    const page = await rebuildLedger(lost.services, OPERATOR, { from: 'secondary', dryRun: false });
    expect(page.vaults).toMatchObject([{ outcome: 'rebuilt', snapshots: 2, unreadable: [] }]);
    const back = { ...(await vaultNow(lost, vault.vaultId)), keys: now.keys };
    expect((await snapshotRecords(lost, back)).map(({ seal }) => seal.sha256)).toEqual(
      (await snapshotRecords(world, now)).map(({ seal }) => seal.sha256),
    );
  });

  test('is erased by the destruction of its new keys, and the certificate names both', async () => {
    const now = await moved(world, vault);
    const erasure = await approved(world, now);
    expect(await keyStates(world, now)).toEqual(['PendingDeletion', 'PendingDeletion']);
    await world.clock.moveDays(8);
    expect(await confirmDueErasures(world.services)).toBe(1);
    await certifyDueErasures(world.services, TOOL_VERSION);
    const { certificateId } = await erasureNow(world, erasure);
    const { signed } = await requireCertificate(world.services, now.vaultId, certificateId ?? '');
    const verified = await verifyCertificate(signed?.jws ?? '', await world.signing.publicKey());
    const { destroyed, evidence, outOfScope } = verified.certificate;
    expect(destroyed).toMatchObject({ keys: now.keys, formerKeys: { keys: vault.keys } });
    expect([evidence.primary.kind, evidence.secondary.kind]).toEqual(['event', 'event']);
    expect(outOfScope.provider).toContain('Before it was moved the vault had branch keys');
    expect(renderPage(verified, 'en')).toContain(vault.keys.primary);
    expect(renderPage(verified, 'zh')).toContain('迁移之前');
  });
});

describe('while a vault is moved', () => {
  test('backups and requests to erase wait, and nothing is swept', async () => {
    await begin(world.services, vault);
    const moving = { code: 'VAULT_MOVING' };
    await expect(requestBackup(world.services, OPERATOR, vault.vaultId)).rejects.toMatchObject(
      moving,
    );
    await expect(requested(world, vault)).rejects.toMatchObject(moving);
    await expect(begin(world.services, vault)).rejects.toMatchObject(moving);
    await world.clock.moveDays(60);
    const { expired, removed } = await sweepCopies(world.services, always);
    expect({ expired, removed }).toEqual({ expired: 0, removed: 0 });
  });

  test('each turn does what it has time for, and the next one goes on', async () => {
    await begin(world.services, vault);
    let turns = 0;
    let half: Vault | undefined;
    while ((await vaultNow(world, vault.vaultId)).move?.state === 'COPYING') {
      let asked = 0;
      await moveDueVaults(world.services, () => (asked++ < 1 ? Number.POSITIVE_INFINITY : 0));
      turns += 1;
      expect(turns).toBeLessThan(20);
      const now = await vaultNow(world, vault.vaultId);
      const [first, second] = await snapshotRecords(world, vault);
      if (first?.keys !== undefined && second?.keys === undefined) {
        half = now;
        await expectVerified();
      }
    }
    expect(turns).toBeGreaterThan(3);
    expect(world.pipeline.moves).toBe(turns);
    expect(half?.keys).toEqual(vault.keys);
    expect(await contentsOf(world, vault)).toEqual(contents);
  });

  test('a copy that is down leaves the old keys in place, and the next pass goes on', async () => {
    await begin(world.services, vault);
    world.copies.secondary.available = false;
    const down = { code: 'COPY_UNAVAILABLE' };
    await expect(moveDueVaults(world.services, ENDLESS)).rejects.toMatchObject(down);
    await halfAnHour(world);
    world.copies.secondary.available = true;
    expect(await keyStates(world, vault)).toEqual(['Enabled', 'Enabled']);
    await passes(world.services);
    await halfAnHour(world);
    await passes(world.services);
    expect((await vaultNow(world, vault.vaultId)).move?.state).toBe('DONE');
    expect(await contentsOf(world, vault)).toEqual(contents);
  });

  test('what cannot be read back from one copy is found, and nothing is given up', async () => {
    await begin(world.services, vault);
    const { secondary } = world.copies;
    const put = secondary.put.bind(secondary);
    secondary.put = async (key, bytes, write) => {
      const version = await put(key, bytes, write);
      const altered = Buffer.from(bytes);
      altered.writeUInt8(altered.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
      secondary.damage(key, version, altered);
      return version;
    };
    const damage = { code: 'OBJECT_DAMAGED' };
    await expect(moveDueVaults(world.services, ENDLESS)).rejects.toMatchObject(damage);
    expect((await vaultNow(world, vault.vaultId)).move?.state).toBe('COPYING');
    expect(await contentsOf(world, vault)).toEqual(contents);
  });

  async function expectVerified(): Promise<void> {
    for (const { snapshotId } of await snapshotRecords(world, vault)) {
      const address = { vaultId: vault.vaultId, snapshotId };
      const asked = await requestVerification(world.services, OPERATOR, address, {
        depth: 'deep',
      });
      const ended = await verifySnapshot(world.services, asked, always);
      expect(ended).toMatchObject({ state: 'SUCCEEDED', findings: [] });
    }
  }
});

describe('a legal hold', () => {
  beforeEach(async () => {
    world = holdingInstallation();
    vault = await branchKeyVault(world);
  });

  test.each(['before the move', 'in the middle of it'])('placed %s goes with it', async (when) => {
    const hold = () => placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    const held = when === 'before the move' ? await hold() : undefined;
    await begin(world.services, vault);
    const { holdId } = held ?? (await hold());
    expect(await heldCounts(world, vault)).toEqual([6, 6]);
    await passes(world.services);
    await halfAnHour(world);
    await passes(world.services);
    // What is held is still what it was before: its keys are not given up.
    expect(await keyStates(world, vault)).toEqual(['Enabled', 'Enabled']);
    await applyVaultHolds(world.services, vault.vaultId, ENDLESS);
    await passes(world.services);
    expect(await keyStates(world, vault)).toEqual(['Gone', 'Gone']);
    const objects = await storedNow();
    for (const { key, versions } of objects) {
      for (const copy of COPY_NAMES) {
        const state = await world.copies[copy].inspect(key, versions[copy] ?? '');
        expect(state?.legalHold).toBe(true);
      }
    }
    expect(await heldCounts(world, vault)).toEqual([objects.length, objects.length]);
    await release(world, { vaultId: vault.vaultId, holdId });
    expect(await heldCounts(world, vault)).toEqual([0, 0]);
  });
});

describe('a vault is not moved', () => {
  const to = (tier: 'dedicated' | 'shared-root', which = vault) =>
    beginMove(world.services, OPERATOR, which.vaultId, tier);

  test('to the tier it has, nor to branch keys', async () => {
    const own = await registeredVault(world, { policyId: 'consent-only', reference: 'A-2' });
    const refused = (why: string) => ({ code: 'MOVE_REFUSED', data: { why } });
    await expect(to('dedicated', own)).rejects.toMatchObject(refused('same-tier'));
    await expect(to('shared-root', own)).rejects.toMatchObject(refused('to-shared-root'));
    await expect(to('shared-root')).rejects.toMatchObject(refused('same-tier'));
  });

  test('during its erasure, or a backup', async () => {
    const { runId } = await requestBackup(world.services, OPERATOR, vault.vaultId);
    const running = { code: 'BACKUP_RUNNING', data: { runId } };
    await expect(to('dedicated')).rejects.toMatchObject(running);
    await halfAnHour(world);
    const erasure = await requested(world, vault);
    const underWay = { code: 'ERASURE_UNDER_WAY', data: { erasureId: erasure.erasureId } };
    await expect(to('dedicated')).rejects.toMatchObject(underWay);
  });

  test('while one of its snapshots lies in one copy only', async () => {
    world.copies.secondary.available = false;
    await backUp(world, vault);
    world.copies.secondary.available = true;
    await expect(to('dedicated')).rejects.toMatchObject({ data: { why: 'single-copy' } });
  });

  test('with a pack that no function could write anew in its time', async () => {
    const [pack] = await Array.fromAsync(world.ledger.list('pack', { vaultId: vault.vaultId }));
    const { record, version = 0 } = pack ?? {};
    const large = { ...(record as NonNullable<typeof record>), size: 20 * 1024 ** 3 };
    await world.ledger.write([{ record: large, expect: version }]);
    await expect(to('dedicated')).rejects.toMatchObject({ data: { why: 'large-pack' } });
    expect((await vaultNow(world, vault.vaultId)).move).toBeUndefined();
  });
});

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
