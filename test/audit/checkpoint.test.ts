import { beforeEach, describe, expect, test } from 'vitest';
import { writeCheckpoint } from '../../shared/audit/write-checkpoint.ts';
import { METRICS } from '../../shared/config/metric-names.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import type { AuditEntry, Vault } from '../../shared/domain/records.ts';
import {
  type CheckpointStatement,
  parseCheckpointFile,
  parseCheckpointStatement,
  rootOf,
} from '../../shared/format/checkpoint.ts';
import { openStatement } from '../../shared/format/signed-statement.ts';
import { renewProofs } from '../../shared/proof/renew-proofs.ts';
import { writeProof } from '../../shared/proof/write-proof.ts';
import { backUp } from '../support/backed-up-vault.ts';
import { livingInstallation, registeredVault, vaultNow } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { rewriteChain } from '../support/rewritten-chain.ts';

let living: MemoryServices;
let vaults: Vault[];

beforeEach(async () => {
  living = livingInstallation();
  vaults = [];
  for (const reference of ['A-1', 'B-2', 'C-3']) {
    vaults.push(await registeredVault(living, { reference }));
  }
});

const write = () => writeCheckpoint(living.services);
const today = () => living.clock.now().toISOString().slice(0, 10);

async function fileOf(copy: 'primary' | 'secondary', date = today()) {
  const key = `checkpoints/${date}.json`;
  const [listed] = await Array.fromAsync(living.copies[copy].list(key));
  const body = await living.copies[copy].read(key, listed?.versionId ?? '');
  const bytes = Buffer.concat((await Array.fromAsync(body)) as Buffer[]);
  const file = parseCheckpointFile(bytes);
  if (file === undefined) throw new Error('no checkpoint');
  const { payload } = await openStatement(
    'holdfast-checkpoint',
    file.jws,
    await living.signing.publicKey(),
  );
  return { bytes, file, statement: parseCheckpointStatement(payload) as CheckpointStatement };
}

async function damage(vault: Vault | undefined, sequence: number, change: Partial<AuditEntry>) {
  const stored = await living.ledger.get('audit', vault?.vaultId ?? '', sequence);
  const record = { ...stored?.record, ...change } as AuditEntry;
  await living.ledger.write([{ record, expect: stored?.version ?? 'absent' }]);
}

/** Rewrites the head of a vault, as who has the table could. */
async function setHead(vault: Vault | undefined, audit: Vault['audit']) {
  const stored = await living.ledger.get('vault', vault?.vaultId ?? '');
  const record = { ...stored?.record, audit } as Vault;
  await living.ledger.write([{ record, expect: stored?.version ?? 'absent' }]);
}

describe('the checkpoint of a day', () => {
  // format.md 9.1, 9.2, 9.3
  test('lies in both copies, signed, over the heads of all chains', async () => {
    expect(await write()).toEqual({ chains: 7, broken: 0 });
    const [one, other] = await Promise.all(COPY_NAMES.map((copy) => fileOf(copy)));
    expect(one?.bytes).toEqual(other?.bytes);
    expect(one?.file.timestampToken).toBeNull();
    const clients = await Array.fromAsync(living.ledger.list('client', null));
    const installation = await living.ledger.get('installation');
    const { count = 0, head = '' } = installation?.record.audit ?? {};
    const heads = [
      ['installation', count, head],
      ...clients.map(({ record: { clientId, audit } }) => [clientId, audit.count, audit.head]),
      ...vaults.map(({ vaultId, audit }) => [vaultId, audit.count, audit.head]),
    ];
    expect(one?.file.heads).toEqual(heads.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
    expect(one?.statement).toMatchObject({
      format: 1,
      installation: 'test',
      date: today(),
      chains: 7,
      root: rootOf(one?.file.heads ?? []),
      broken: 0,
      previous: null,
    });
  });

  test('names the one before', async () => {
    await write();
    const date = today();
    await living.clock.moveDays(1);
    await write();
    expect((await fileOf('primary')).statement.previous).toMatchObject({ date });
    expect(living.telemetry.total(METRICS.checkpointGapDays)).toBe(0);
  });

  test('finds the one before across a month, and says how many days are missing', async () => {
    await write();
    const date = today();
    await living.clock.moveDays(32);
    await write();
    expect((await fileOf('primary')).statement.previous).toMatchObject({ date });
    expect(living.telemetry.total(METRICS.checkpointGapDays)).toBe(31);
  });

  test('finds the one before after months, and what was rewritten meanwhile', async () => {
    await backUp(living, vaults[0] as Vault);
    await write();
    const date = today();
    await living.clock.moveDays(70);
    await rewriteChain(living, vaults[0]?.vaultId ?? '', 1);
    expect(await write()).toMatchObject({ broken: 1 });
    expect((await fileOf('primary')).statement.previous).toMatchObject({ date });
  });

  test('without one before counts the days since the first client as missing', async () => {
    await living.clock.moveDays(3);
    await write();
    expect(living.telemetry.total(METRICS.checkpointGapDays)).toBe(2);
  });

  test.each(COPY_NAMES)('of a day that the %s copy missed keeps its place', async (copy) => {
    await write();
    await living.clock.moveDays(1);
    living.copies[copy].available = false;
    await expect(write()).rejects.toMatchObject({ code: 'COPY_UNAVAILABLE' });
    const missed = today();
    await living.clock.moveDays(1);
    living.copies[copy].available = true;
    await write();
    expect((await fileOf(copy)).statement.previous).toMatchObject({ date: missed });
    expect((await fileOf(copy, missed)).bytes).toEqual((await fileOf('primary', missed)).bytes);
    expect((await fileOf(copy, missed)).bytes).toEqual((await fileOf('secondary', missed)).bytes);
    expect(living.telemetry.total(METRICS.checkpointGapDays)).toBe(0);
  });

  test('is not taken for the one of another day', async () => {
    await write();
    const { bytes } = await fileOf('primary');
    await living.clock.moveDays(2);
    const yesterday = new Date(living.clock.now().getTime() - 86_400_000);
    const key = `checkpoints/${yesterday.toISOString().slice(0, 10)}.json`;
    await writeProof(living.services, {
      ...{ key, bytes, contentType: 'application/json' },
      from: living.clock.now(),
    });
    await expect(write()).rejects.toMatchObject({
      code: 'OBJECT_DAMAGED',
      data: { problem: 'belongs to another object' },
    });
  });

  test('is signed once, however often it is asked for', async () => {
    await write();
    const { bytes } = await fileOf('primary');
    await backUp(living, vaults[0] as Vault);
    await write();
    expect((await fileOf('primary')).bytes).toEqual(bytes);
    expect(living.signing.signed).toBe(1);
  });

  test.each(COPY_NAMES)(
    'that the %s copy missed is completed with the same bytes',
    async (copy) => {
      living.copies[copy].available = false;
      await expect(write()).rejects.toMatchObject({ code: 'COPY_UNAVAILABLE' });
      living.copies[copy].available = true;
      await write();
      expect((await fileOf('primary')).bytes).toEqual((await fileOf('secondary')).bytes);
      expect(living.signing.signed).toBe(1);
    },
  );

  test('is not written without its signature', async () => {
    living.signing.available = false;
    await expect(write()).rejects.toMatchObject({ code: 'SIGNING_UNAVAILABLE' });
    expect(await Array.fromAsync(living.copies.primary.list('checkpoints/'))).toEqual([]);
  });

  test('is refused as a predecessor when somebody else signed it', async () => {
    await write();
    const other = livingInstallation();
    living = { ...living, services: { ...living.services, signing: other.signing } };
    await living.clock.moveDays(1);
    await expect(write()).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });

  test('goes on from one that a retired key signed', async () => {
    await write();
    const date = today();
    const other = livingInstallation();
    other.signing.retired = [await living.signing.publicKey()];
    living = {
      ...living,
      signing: other.signing,
      services: { ...living.services, signing: other.signing },
    };
    await living.clock.moveDays(1);
    await write();
    expect((await fileOf('primary')).statement.previous).toMatchObject({ date });
  });

  test('stays locked for years, extended about once a month', async () => {
    await write();
    const key = `checkpoints/${today()}.json`;
    const [listed] = await Array.fromAsync(living.copies.primary.list(key));
    const ends = new Set<number>();
    for (let day = 0; day < 800; day += 1) {
      await living.clock.moveDays(1);
      await renewProofs(living.services, () => true);
      const state = await living.copies.primary.inspect(key, listed?.versionId ?? '');
      const left = (state?.lockedUntil?.getTime() ?? 0) - living.clock.now().getTime();
      expect(left).toBeGreaterThan(300 * 86_400_000);
      ends.add(state?.lockedUntil?.getTime() ?? 0);
    }
    expect(ends.size).toBeLessThanOrEqual(28);
  });
});

// format.md 9.4
describe('a chain that does not hold', () => {
  async function tampered(change: (vault: Vault) => Promise<void>) {
    const vault = vaults[1] as Vault;
    await backUp(living, vault);
    await write();
    await living.clock.moveDays(1);
    await backUp(living, vault);
    await change(await vaultNow(living, vault.vaultId));
    const { broken } = await write();
    const events = living.telemetry.eventsNamed('audit.broken');
    expect(living.telemetry.total(METRICS.brokenChains)).toBe(broken);
    const { file, statement } = await fileOf('primary');
    expect(statement.broken).toBe(broken);
    const marked = file.heads.filter(([, , , finding]) => finding !== undefined);
    expect(marked.map(([chainId, , , finding]) => ({ chainId, ...finding }))).toEqual(
      events.map(({ chainId, at, what }) => ({ chainId, since: today(), at, what })),
    );
    return events;
  }

  test('is not one that only went on', async () => {
    expect(await tampered(async () => {})).toEqual([]);
  });

  test('because a new entry was changed, is found at that entry', async () => {
    const [found] = await tampered((vault) => damage(vault, vault.audit.count, { actor: 'x' }));
    expect(found).toMatchObject({ what: 'changed' });
  });

  test('because its end was cut off, is found although it is whole in itself', async () => {
    const [found] = await tampered(async (vault) => {
      const first = await living.ledger.get('audit', vault.vaultId, 1);
      await setHead(vault, { count: 1, head: first?.record.hash ?? '' });
    });
    expect(found).toMatchObject({ at: 2, what: 'truncated' });
  });

  test('because the vault is not in the ledger any more, is found', async () => {
    const [found] = await tampered(async (vault) => {
      living.ledger.lose('vault', vault.vaultId);
      living.ledger.lose('vault-class', vault.clientId, vault.recordClass);
    });
    expect(found).toMatchObject({ at: 1, what: 'truncated' });
  });

  test('in an old entry, is found within 28 days', async () => {
    const vault = vaults[0] as Vault;
    await backUp(living, vault);
    await write();
    await damage(vault, 1, { action: 'nothing.happened' });
    let days = 0;
    while (living.telemetry.total(METRICS.brokenChains) === 0 && days < 40) {
      days += 1;
      await living.clock.moveDays(1);
      await write();
    }
    expect(days).toBeLessThanOrEqual(28);
  });
});
