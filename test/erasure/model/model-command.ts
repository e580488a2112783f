import type fc from 'fast-check';
import { expect } from 'vitest';
import { isFault } from '../../../shared/domain/errors.ts';
import type { Vault } from '../../../shared/domain/records.ts';
import { advanceDueErasures } from '../../../shared/erasure/advance-erasure.ts';
import { compareKeys } from '../../../shared/erasure/compare-keys.ts';
import { confirmDueErasures } from '../../../shared/erasure/confirm-erasure.ts';
import { findLatestErasure } from '../../../shared/erasure/find-erasure.ts';
import type { KeyEvent } from '../../../shared/erasure/key-event.ts';
import type { Services } from '../../../shared/ports/services.ts';
import { findTombstone } from '../../../shared/tombstone/find-tombstone.ts';
import { keyStates } from '../../support/erasing.ts';
import { vaultNow } from '../../support/living-installation.ts';
import type { MemoryServices } from '../../support/memory-services.ts';
import { type Model, type Seen, seenOf } from './model.ts';

export interface Real {
  readonly world: MemoryServices;
  readonly vault: Vault;
  /** Holds in force, the oldest first. */
  readonly holds: { readonly holdId: string; readonly isClientHold: boolean }[];
  /** Key events that wait to be delivered; `null` while each is recorded as it happens. */
  trail: KeyEvent[] | null;
}

/** What a command says to the real thing, and what the model says it answers. */
export interface Command {
  readonly text: string;
  /** When it makes sense. @default always */
  readonly isPossible?: (model: Model) => boolean;
  /** @returns the code of the refusal, or `done`. */
  readonly expected: (model: Model) => string;
  readonly act: (real: Real) => Promise<unknown>;
}

/** Runs a command on both sides, compares the answers, and then all that can be seen. */
export class ModelCommand implements fc.AsyncCommand<Model, Real> {
  readonly #command: Command;

  constructor(command: Command) {
    this.#command = command;
  }

  check = (model: Readonly<Model>) => this.#command.isPossible?.(model) ?? true;

  toString = () => this.#command.text;

  async run(model: Model, real: Real): Promise<void> {
    const expected = this.#command.expected(model);
    const answer = await this.#command.act(real).then(
      () => 'done',
      (error) => (isFault(error) ? error.code : error),
    );
    expect(answer).toEqual(expected);
    if (expected !== 'done') {
      model.milestones.add('refused');
    }
    const seen = await look(real);
    const keys = model.isMeddled ? null : onlyOne(seen.keys);
    expect({ ...seen, keys }).toEqual(seenOf(model));
  }
}

/** The hourly passes over erasures. */
export async function runPasses(services: Services): Promise<void> {
  await advanceDueErasures(services);
  await confirmDueErasures(services);
}

/** The vault's latest erasure, or an id that none has. */
export async function latestErasure({ world, vault }: Real) {
  const stored = await findLatestErasure(world.ledger, await vaultNow(world, vault.vaultId));
  return stored?.record ?? { erasureId: vault.vaultId, plan: { hash: '0'.repeat(64) } };
}

/** The daily comparison of keys, which finds what no event has told. */
export async function compareDaily(services: Services): Promise<void> {
  await compareKeys(services, () => true);
}

function onlyOne([primary, secondary]: readonly string[]): string {
  expect(secondary).toBe(primary);
  return primary ?? '';
}

async function look({ world, vault }: Real): Promise<Omit<Seen, 'keys'> & { keys: string[] }> {
  const { vaultId } = vault;
  const now = await vaultNow(world, vaultId);
  const erasure = (await findLatestErasure(world.ledger, now))?.record.state ?? null;
  const snapshots = await Array.fromAsync(world.ledger.list('snapshot', { vaultId }));
  const certificates = await Array.fromAsync(world.ledger.list('certificate', { vaultId }));
  const tombstone = await findTombstone(world.services, vaultId);
  expect(tombstone !== undefined).toBe(certificates.length > 0);
  return {
    vault: now.state,
    keys: await keyStates(world, vault),
    erasure: erasure === 'CANCELLED' ? null : erasure,
    holds: now.holds,
    snapshots: snapshots.length,
    certificates: certificates.length,
  };
}
