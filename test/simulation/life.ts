import type { SeededRandom } from '../../bench/seeded-random.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { isFault } from '../../shared/domain/errors.ts';
import { sweepOnRequest } from '../../shared/retention/sweep-copies.ts';
import { OPERATOR } from '../support/living-installation.ts';
import { CopyChecks, Violation } from './check-copies.ts';
import { checkHolds, endsOf } from './check-ends.ts';
import { DailyFunctions, isKill, OUTAGE, type Passed } from './daily-functions.ts';
import { Disasters } from './disasters.ts';
import type { Figures } from './figures.ts';
import { liveBytes } from './live-bytes.ts';
import { People } from './people.ts';
import { RestoreChecks } from './restore-checks.ts';
import { changeSource, fillSource, type SimulatedVault } from './simulated-vault.ts';
import { type SimulatedWorld, simulatedWorld } from './simulated-world.ts';

const DAY_MS = 86_400_000;
const START = new Date('2026-11-02T08:00:00Z');

/** Days at the end on which nothing new befalls: the client is closed, and all comes to its end. */
const CLOSING_DAYS = 100;

/** The other client's vault is erased after this part of the time. */
const ERASED_AFTER = 0.3;

/** Days of which the storage is not measured: nothing has ended yet. */
const WARM_UP_DAYS = 90;

/**
 * Days after which what a hold, an outage or a change of policy has kept is gone again: the longest
 * lock of the policies, its grid, and as long again for what then falls under half.
 */
const CALM_DAYS = 120;

/** One installation and what befalls it, day by day. */
export class Life {
  day = 0;
  readonly #days: number;
  readonly #records: number;
  /** Nothing befalls but backups and kills, so that storage can be measured all the time. */
  readonly #isQuiet: boolean;
  readonly #random: SeededRandom;
  readonly #world: SimulatedWorld = simulatedWorld(START);
  readonly #people: People;
  readonly #functions: DailyFunctions;
  readonly #disasters: Disasters;
  readonly #copies = new CopyChecks(this.#world);
  readonly #restores = new RestoreChecks(this.#world);
  readonly #vaults: SimulatedVault[] = [];
  readonly #ratios: number[] = [];
  #backups = 0;
  /** The last day with a hold, an outage, a lost ledger or another policy. */
  #calmSince = 0;
  #mostKept = 0;
  #removed = 0;

  constructor(
    random: SeededRandom,
    { days, records, isQuiet }: { days: number; records: number; isQuiet: boolean },
  ) {
    this.#random = random;
    this.#days = days;
    this.#records = records;
    this.#isQuiet = isQuiet;
    this.#people = new People(this.#world, random);
    this.#functions = new DailyFunctions(this.#world, random);
    this.#disasters = new Disasters(this.#world, random, days - CLOSING_DAYS);
  }

  /** Registers two clients: books and consents of one, consents of another. */
  async begin(): Promise<void> {
    const people = this.#people;
    await people.addPolicies();
    const [firm, other] = [await people.registerClient(), await people.registerClient()];
    for (const [clientId, policyId, records] of [
      [firm, 'books', this.#records],
      [firm, 'consent', 12],
      [other, 'consent', 12],
    ] as const) {
      const vault = await people.registerVault(clientId, policyId);
      fillSource(vault, this.#random, records);
      this.#vaults.push(vault);
    }
  }

  async liveDay(day: number): Promise<void> {
    this.day = day;
    const { clock, telemetry } = this.#world.memory;
    const minutes = this.#random.below(120);
    await clock.moveTo(new Date(START.getTime() + day * DAY_MS + minutes * 60_000));
    telemetry.events.splice(0);
    telemetry.measures.splice(0);
    await this.#endWhatHasEnded();
    const isOpen = day <= this.#days - CLOSING_DAYS;
    const mayBefall = isOpen && !this.#isQuiet;
    this.#disasters.begin(day, mayBefall);
    if (!this.#disasters.isLosingTheDay) {
      await this.#letPeopleWork(mayBefall);
    }
    const passed = await this.#functions.run({
      backsUp: !this.#disasters.isMissing,
      isWeekly: day % 7 === 0,
      isDown: this.#disasters.down !== null,
    });
    this.#refuseFailures();
    await this.#meetNewSnapshots();
    await this.#check(passed);
    if (!isOpen && !this.#disasters.isAny) {
      await this.#close();
    }
    this.#disasters.endDay();
  }

  /** Every erasure must have come to its end; the first and last snapshots left are restored. */
  async end(): Promise<Figures> {
    for (const vault of this.#vaults) {
      for (const birth of [vault.births[0], vault.lastBirth]) {
        for (const copy of birth === undefined ? [] : COPY_NAMES) {
          await this.#restores.restore(vault, birth as NonNullable<typeof birth>, copy);
        }
      }
    }
    const { extensions, mostPerStep } = this.#world.extensions.figures();
    const ratios = this.#ratios.length > 0 ? this.#ratios : [Number.NaN];
    return {
      days: this.day,
      backups: this.#backups,
      ...this.#disasters.counts,
      kills: this.#functions.kills,
      holds: this.#people.holds,
      policyChanges: this.#people.policyChanges,
      ...(await endsOf(this.#world, this.#vaults)),
      mostKept: this.#mostKept,
      restores: this.#restores.restores,
      comparedObjects: this.#restores.compared,
      askedVersions: this.#copies.asked,
      removedVersions: this.#removed,
      extensions,
      mostExtensionsPerStep: mostPerStep,
      longestOverdueDays: this.#copies.longestOverdueDays,
      storedByLive: {
        samples: this.#ratios.length,
        mean: ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length,
        most: Math.max(...ratios),
        last: ratios.at(-1) ?? Number.NaN,
      },
    };
  }

  async #endWhatHasEnded(): Promise<void> {
    const { clock, custody } = this.#world.memory;
    for (const vault of this.#vaults) {
      if (vault.stage === 'erasing') {
        const { primary, secondary } = await custody.states(vault.vault.keys);
        vault.stage = primary.state === 'Gone' && secondary.state === 'Gone' ? 'erased' : 'erasing';
      }
      vault.endBy(clock.now().getTime());
    }
  }

  async #letPeopleWork(mayBefall: boolean): Promise<void> {
    const random = this.#random;
    const living = this.#vaults.filter(({ stage }) => stage === 'living');
    for (const vault of living) {
      changeSource(vault, random);
    }
    for (const vault of living) {
      const releases = !mayBefall || random.below(40) === 0;
      if (vault.holds.length > 0 && releases) {
        await this.#people.releaseHold(vault, this.#vaults);
      }
    }
    const [books, , other] = this.#vaults as [SimulatedVault, SimulatedVault, SimulatedVault];
    if (mayBefall && random.below(60) === 0) {
      await this.#people.placeHold(random.pick(living), this.#vaults);
    }
    if (mayBefall && random.below(300) === 0) {
      await this.#people.changePolicy(books);
      this.#calmSince = this.day;
    }
    const isTime = !this.#isQuiet && this.day > this.#days * ERASED_AFTER;
    if (isTime && other.stage === 'living' && other.holds.length === 0 && !this.#disasters.isAny) {
      await this.#people.erase(other);
      this.#disasters.loseLedgerIn(6);
    }
  }

  /** What a function could not do for another reason than a kill or an outage is wrong. */
  #refuseFailures(): void {
    for (const failure of this.#world.memory.pipeline.failures.splice(0)) {
      const isOutage = this.#disasters.down !== null && isFault(failure, ...OUTAGE);
      if (!isKill(failure) && !isOutage) {
        throw new Violation(`a run has failed: ${String(failure)}`, { cause: failure });
      }
    }
  }

  async #meetNewSnapshots(): Promise<void> {
    const ledger = this.#world.ledger();
    for (const vault of this.#vaults) {
      const id = (await ledger.get('vault', vault.vaultId))?.record.lastSnapshotId ?? '';
      const isNew = id > (vault.lastSnapshotId ?? '');
      const stored = isNew ? await ledger.get('snapshot', vault.vaultId, id) : undefined;
      if (stored === undefined) {
        continue;
      }
      if (vault.stage !== 'living') {
        throw new Violation(`vault ${vault.vaultId} is ${vault.stage} and was backed up`);
      }
      const from = this.#random.pick(this.#disasters.settled);
      vault.add(await this.#restores.atBirth(vault, stored.record, from));
      this.#backups += 1;
    }
  }

  async #check(passed: Passed): Promise<void> {
    const { clock, telemetry } = this.#world.memory;
    const now = clock.now().getTime();
    const isDown = this.#disasters.down !== null;
    this.#disasters.settle(passed, telemetry.eventsNamed('repair.pass'));
    for (const vault of this.#vaults) {
      vault.graceDays = passed.has('renew-locks') ? 0 : Math.max(0, vault.graceDays - 1);
      if (passed.has('renew-locks')) {
        vault.renewedSince = now;
      }
      if (passed.has('apply-holds') && !isDown) {
        vault.heldSince = now;
      }
      const sweptAt = await this.#sweepTime(vault, now);
      await checkHolds(this.#world, vault);
      await this.#copies.checkVault(vault, this.#disasters.settled, { sweptAt });
      await this.#restores.checkVault(vault, this.#disasters.settled);
      await this.#sample(vault);
    }
    const kept = this.#vaults.reduce((sum, { births }) => sum + births.length, 0);
    this.#mostKept = Math.max(this.#mostKept, kept);
    await this.#measure();
  }

  /** @returns when a sweep has passed over a vault today; `null` when none did, or could not. */
  async #sweepTime(vault: SimulatedVault, now: number): Promise<number | null> {
    const { vaultId } = vault;
    const { memory, services } = this.#world;
    const swept = memory.telemetry
      .eventsNamed('vault.swept')
      .filter((one) => one.vaultId === vaultId);
    this.#removed += swept.reduce((sum, { versions }) => sum + Number(versions), 0);
    const stopped = swept.at(-1)?.stopped;
    const state = (await this.#world.ledger().get('vault', vaultId))?.record.state;
    if (vault.stage === 'erased') {
      return stopped === null && state === 'ERASED' ? now : null;
    }
    if (stopped === 'disagreement') {
      throw new Violation(`a sweep says that ledger and copies of ${vaultId} disagree`);
    }
    if (stopped === 'share') {
      const asked = { vaultId, actor: OPERATOR, isConfirmed: true };
      await sweepOnRequest(services, asked, () => true);
    }
    return stopped === null ? now : null;
  }

  /** Restores something at random as a whole now and then. */
  async #sample(vault: SimulatedVault): Promise<void> {
    const random = this.#random;
    const isReadable = vault.stage === 'living' || vault.stage === 'closed';
    if (isReadable && vault.births.length > 0 && random.below(40) === 0) {
      const from = random.pick(this.#disasters.settled);
      await this.#restores.restore(vault, random.pick(vault.births), from);
    }
  }

  async #measure(): Promise<void> {
    const [books] = this.#vaults;
    if (books === undefined || books.holds.length > 0 || this.#disasters.isAny) {
      this.#calmSince = this.day;
    }
    const isMeasured = this.day > WARM_UP_DAYS && this.day <= this.#days - CLOSING_DAYS;
    const isCalm = this.day - this.#calmSince > CALM_DAYS;
    if (books === undefined || !isMeasured || !isCalm || this.day % 7 > 0) {
      return;
    }
    const live = liveBytes(books);
    for (const copy of COPY_NAMES) {
      this.#ratios.push((await this.#copies.storedBytes(books, copy)) / live);
    }
  }

  /** Closes the firm's client once both its vaults have today's snapshot. */
  async #close(): Promise<void> {
    const [books, consent] = this.#vaults as [SimulatedVault, SimulatedVault];
    const isReady = books.lastBirth?.metAt === this.#world.memory.clock.now().getTime();
    if (books.stage !== 'living' || !isReady || books.holds.length + consent.holds.length > 0) {
      return;
    }
    await this.#people.closeVault(books, 'retain');
    await this.#people.closeVault(consent, 'erase');
    await this.#people.approveErasure(consent);
    await this.#people.closeClient(books.clientId);
  }
}
