import type { SeededRandom } from '../../bench/seeded-random.ts';
import { closeClient } from '../../shared/closing/close-client.ts';
import { closeVault } from '../../shared/closing/close-vault.ts';
import type { PolicyDocument } from '../../shared/domain/policy-document.ts';
import { requireS3Source } from '../../shared/domain/vault-source.ts';
import { approveErasure } from '../../shared/erasure/approve-erasure.ts';
import { approveClientRelease, approveRelease } from '../../shared/holds/approve-release.ts';
import { placeClientHold, placeHold } from '../../shared/holds/place-hold.ts';
import { requestClientRelease, requestRelease } from '../../shared/holds/request-release.ts';
import { addPolicy } from '../../shared/policies/add-policy.ts';
import { assignPolicy } from '../../shared/policies/assign-policy.ts';
import { registerClient } from '../../shared/registry/register-client.ts';
import { registerVault } from '../../shared/registry/register-vault.ts';
import { requestVerification } from '../../shared/verify/request-verification.ts';
import { approved } from '../support/erasing.ts';
import { FIVE_WEEKS, OPERATOR, SUPERVISOR } from '../support/living-installation.ts';
import { SimulatedVault } from './simulated-vault.ts';
import type { SimulatedWorld } from './simulated-world.ts';

const HOLD = { reason: 'lawsuit', reference: '2026-17' };

/** Days within which the daily functions must have followed what people have decided. */
const GRACE_DAYS = 4;

/** Books of a firm: points of two weeks, a year and ten years. */
const BOOKS: PolicyDocument = {
  ...FIVE_WEEKS,
  id: 'books',
  snapshots: { keep: { hourly: 0, daily: 14, weekly: 4, monthly: 12, yearly: 9 } },
};

/** Later versions: longer and shorter locks, more and fewer points. */
const BOOKS_VERSIONS: readonly PolicyDocument[] = [
  BOOKS,
  { ...BOOKS, version: 2, lock: { ...BOOKS.lock, minimumDays: 45 } },
  {
    ...BOOKS,
    version: 3,
    lock: { mode: 'rolling', minimumDays: 21, horizonDays: 60, gridDays: 14 },
    snapshots: { keep: { hourly: 0, daily: 21, weekly: 0, monthly: 12, yearly: 9 } },
  },
];

/** What a client may ask any day to be deleted, backed up each week. */
const CONSENT: PolicyDocument = {
  ...FIVE_WEEKS,
  id: 'consent',
  rules: ['cn-pi-consent'],
  backup: { everyHours: 168, rpoHours: 336 },
  snapshots: { keep: { hourly: 0, daily: 60, weekly: 0, monthly: 6, yearly: 0 } },
  lock: { mode: 'rolling', minimumDays: 14, horizonDays: 36, gridDays: 7 },
  lingerDays: 30,
  erasure: { graceDays: 0, windowDays: 7, approvals: 1, undoForeignKeyEvents: true },
};

/** What the people of a firm do, by the same use cases as behind the admin API. */
export class People {
  readonly #world: SimulatedWorld;
  readonly #random: SeededRandom;
  /** How often a hold was placed, and a policy changed. */
  holds = 0;
  policyChanges = 0;
  #clients = 0;

  constructor(world: SimulatedWorld, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
  }

  async addPolicies(): Promise<void> {
    for (const document of [...BOOKS_VERSIONS, CONSENT]) {
      await addPolicy(this.#world.services, OPERATOR, document);
    }
  }

  async registerClient(): Promise<string> {
    this.#clients += 1;
    const reference = `A-${this.#clients}`;
    const body = { name: 'Somebody', reference };
    return (await registerClient(this.#world.services, OPERATOR, body)).clientId;
  }

  async registerVault(clientId: string, policyId: 'books' | 'consent'): Promise<SimulatedVault> {
    const { services, memory } = this.#world;
    const vault = await registerVault(services, OPERATOR, clientId, {
      recordClass: policyId,
      policyId,
      policyVersion: 1,
      source: {
        kind: 's3' as const,
        bucket: 'records-of-the-firm',
        prefix: `${clientId}/${policyId}/`,
      },
    });
    const source = memory.sourceAt(requireS3Source(vault), vault.vaultId);
    const { minimumDays } = (policyId === 'books' ? BOOKS : CONSENT).lock;
    return new SimulatedVault(vault, source, minimumDays);
  }

  /** Places a hold on a kept snapshot, a vault or its client. */
  async placeHold(vault: SimulatedVault, all: readonly SimulatedVault[]): Promise<void> {
    const kind = this.#random.pick(['snapshot', 'snapshot', 'vault', 'client'] as const);
    await this.placeHoldOn(vault, all, kind);
  }

  async placeHoldOn(
    vault: SimulatedVault,
    all: readonly SimulatedVault[],
    kind: 'snapshot' | 'vault' | 'client',
  ): Promise<void> {
    const { services } = this.#world;
    const { vaultId, clientId } = vault;
    this.holds += 1;
    if (kind === 'client') {
      const { holdId } = await placeClientHold(services, OPERATOR, clientId, HOLD);
      for (const other of ofClient(all, clientId)) {
        other.holds.push({ holdId, snapshotId: null, isClientHold: true });
        giveGrace(other);
      }
      return;
    }
    const kept = vault.births;
    const snapshotId =
      kind === 'snapshot' && kept.length > 0 ? this.#random.pick(kept).snapshot.snapshotId : null;
    const body = snapshotId === null ? HOLD : { ...HOLD, snapshotId };
    const { holdId } = await placeHold(services, OPERATOR, vaultId, body);
    vault.holds.push({ holdId, snapshotId, isClientHold: false });
    giveGrace(vault);
  }

  /** Releases the oldest hold of a vault: one person asks, another approves. */
  async releaseHold(vault: SimulatedVault, all: readonly SimulatedVault[]): Promise<void> {
    const { services } = this.#world;
    const [hold] = vault.holds;
    if (hold === undefined) {
      return;
    }
    const { holdId } = hold;
    const body = { reason: 'case closed' };
    if (hold.isClientHold) {
      const address = { clientId: vault.clientId, holdId };
      await requestClientRelease(services, OPERATOR, address, body);
      await approveClientRelease(services, SUPERVISOR, address);
    } else {
      const address = { vaultId: vault.vaultId, holdId };
      await requestRelease(services, OPERATOR, address, body);
      await approveRelease(services, SUPERVISOR, address);
    }
    for (const other of hold.isClientHold ? ofClient(all, vault.clientId) : [vault]) {
      const index = other.holds.findIndex((held) => held.holdId === holdId);
      if (index >= 0) {
        other.holds.splice(index, 1);
      }
      giveGrace(other);
    }
  }

  /** Gives a vault of books another version of its policy. */
  async changePolicy(vault: SimulatedVault): Promise<void> {
    const { version, lock } = this.#random.pick(BOOKS_VERSIONS);
    this.policyChanges += 1;
    const pin = { policyId: 'books', version };
    await assignPolicy(this.#world.services, OPERATOR, vault.vaultId, pin);
    vault.minimumDays = lock.minimumDays;
    giveGrace(vault);
  }

  /** Has a vault erased: one person asks, another approves. */
  async erase(vault: SimulatedVault): Promise<void> {
    await approved({ services: this.#world.services }, vault);
    vault.stage = 'erasing';
  }

  /** Closes a vault that was just backed up: its final snapshot is verified first. */
  async closeVault(vault: SimulatedVault, disposition: 'retain' | 'erase'): Promise<void> {
    const { services, memory } = this.#world;
    const { vaultId, lastBirth } = vault;
    const snapshotId = lastBirth?.snapshot.snapshotId ?? '';
    const address = { vaultId, snapshotId };
    const { verificationId } = await requestVerification(services, OPERATOR, address, {
      depth: 'quick',
    });
    const event = memory.clock.now().toISOString().slice(0, 'YYYY-MM-DD'.length);
    const body = { disposition, event, verificationId, confirmedSnapshotId: snapshotId };
    const closed = await closeVault(services, OPERATOR, vaultId, body);
    const keepUntil = closed.closing?.keepUntil ?? null;
    vault.finalEnd = keepUntil === null ? null : Date.parse(keepUntil);
    vault.stage = 'closed';
    giveGrace(vault);
  }

  /** Approves the erasure that the closing of a vault has asked for. */
  async approveErasure(vault: SimulatedVault): Promise<void> {
    const { vaultId } = vault;
    const stored = await this.#world.ledger().get('vault', vaultId);
    const erasureId = stored?.record.erasureId ?? '';
    const erasure = await this.#world.ledger().get('erasure', vaultId, erasureId);
    const planHash = erasure?.record.plan.hash ?? '';
    await approveErasure(this.#world.services, SUPERVISOR, vaultId, { erasureId, planHash });
    vault.stage = 'erasing';
  }

  async closeClient(clientId: string): Promise<void> {
    const event = this.#world.memory.clock.now().toISOString().slice(0, 'YYYY-MM-DD'.length);
    await closeClient(this.#world.services, OPERATOR, clientId, { event });
  }
}

function ofClient(all: readonly SimulatedVault[], clientId: string): SimulatedVault[] {
  return all.filter((one) => one.clientId === clientId && one.stage !== 'erased');
}

function giveGrace(vault: SimulatedVault): void {
  vault.graceDays = GRACE_DAYS;
  vault.heldSince = Number.NEGATIVE_INFINITY;
}
