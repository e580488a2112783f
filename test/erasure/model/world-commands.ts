import { expect } from 'vitest';
import { certifyDueErasures } from '../../../shared/certificate/certify-erasure.ts';
import { COPY_NAMES, type CopyName } from '../../../shared/domain/copy-name.ts';
import { isFault } from '../../../shared/domain/errors.ts';
import { recordKeyEvent } from '../../../shared/erasure/record-key-event.ts';
import { renewLocks } from '../../../shared/retention/renew-locks.ts';
import { TOOL_VERSION } from '../../support/certified-erasure.ts';
import { stoppingAfter } from '../../support/stopping-services.ts';
import { hear, pass, scheduleAnew } from './model.ts';
import { type Command, compareDaily, runPasses } from './model-command.ts';

const SOMEBODY = 'arn:aws:iam::111122223333:user/somebody';

/** The hourly passes run once on each of the days. */
export const days = (count: number): Command => ({
  text: `days(${count})`,
  expected: (model) => {
    for (let day = 0; day < count; day += 1) pass(model, 1);
    return 'done';
  },
  act: async ({ world }) => {
    for (let day = 0; day < count; day += 1) {
      await world.clock.moveDays(1);
      await runPasses(world.services);
      await compareDaily(world.services);
    }
  },
});

/** No pass runs for so many days. */
export const jump = (count: number): Command => ({
  text: `jump(${count})`,
  expected: (model) => {
    pass(model, count);
    return 'done';
  },
  act: async ({ world }) => {
    await world.clock.moveDays(count);
    await runPasses(world.services);
    await compareDaily(world.services);
  },
});

/** A pass that is killed somewhere, and the next one. */
export const killedPass = (point: number, when: 'before' | 'after'): Command => ({
  text: `killed(${when} call ${point})`,
  expected: (model) => {
    pass(model, 0);
    return 'done';
  },
  act: async ({ world }) => {
    await runPasses(stoppingAfter(world.services, point, when).services).catch((error) => {
      expect(error).toMatchObject({ message: 'killed' });
    });
    await runPasses(world.services);
  },
});

/** The key service of a Region is down while the passes run; they find all as it was after it. */
export const outage = (copy: CopyName): Command => ({
  text: `outage(${copy})`,
  expected: (model) => {
    pass(model, 0);
    return 'done';
  },
  act: async ({ world }) => {
    world.custody.available[copy] = false;
    await runPasses(world.services).catch((error) => {
      expect(isFault(error, 'KEYS_UNAVAILABLE')).toBe(true);
    });
    world.custody.available[copy] = true;
    await runPasses(world.services);
  },
});

export const certify: Command = {
  text: 'certify',
  expected: (model) => {
    model.isCertified ||= model.isErased;
    if (model.isCertified) model.milestones.add('certified');
    return 'done';
  },
  act: ({ world }) => certifyDueErasures(world.services, TOOL_VERSION),
};

/** What else runs every day changes nothing about an erasure. */
export const upkeep: Command = {
  text: 'upkeep',
  expected: () => 'done',
  act: async ({ world }) => {
    await renewLocks(world.services, () => true);
    await compareDaily(world.services);
  },
};

/**
 * What somebody from outside does to a KMS key changes nothing for long. A deletion of which no
 * event tells might get ahead of that of the erasure, so of one an event always tells here.
 */
export const meddle = (
  how: 'disable' | 'enable' | 'scheduleDeletion',
  copy: CopyName,
): Command => ({
  text: `meddle(${how}, ${copy})`,
  isPossible: ({ tier, isPrompt }) =>
    tier === 'dedicated' && (isPrompt || how !== 'scheduleDeletion'),
  expected: (model) => {
    model.isMeddled ||= !model.isPrompt;
    return 'done';
  },
  act: async ({ world, vault }) => {
    const somebody = world.custody.actingAs(SOMEBODY);
    await somebody[how](vault.keys[copy], 7).catch((error) => {
      expect(error).toMatchObject({ code: 'KEYS_UNUSABLE' });
    });
  },
});

/** Somebody calls the deletion of both keys off: the erasure schedules it anew. */
export const callOff: Command = {
  text: 'call off',
  isPossible: ({ tier, isPrompt, isGone }) => tier === 'dedicated' && isPrompt && !isGone,
  expected: (model) => {
    scheduleAnew(model);
    return 'done';
  },
  act: async ({ world, vault }) => {
    for (const copy of COPY_NAMES) {
      await world.custody.actingAs(SOMEBODY).cancelDeletion(vault.keys[copy]);
    }
  },
};

/** Somebody gives a key another policy: it gets its own back. */
export const changeKeyPolicy = (copy: CopyName): Command => ({
  text: `key policy(${copy})`,
  isPossible: ({ tier, isPrompt, isGone }) => tier === 'dedicated' && isPrompt && !isGone,
  expected: () => 'done',
  act: async ({ world, vault }) => {
    await world.custody.changePolicy(vault.keys[copy], SOMEBODY);
    expect(await world.custody.restorePolicy(vault.keys[copy])).toBe(false);
  },
});

/** From now on key events wait. */
export const holdBackEvents: Command = {
  text: 'events wait',
  isPossible: ({ isGone, tier }) => !isGone && tier === 'dedicated',
  expected: (model) => {
    model.isPrompt = false;
    return 'done';
  },
  act: async (real) => {
    real.trail ??= [];
  },
};

/** Events that waited come late, in another order, or twice; or they never come. */
export const deliver = (how: 'in order' | 'reversed' | 'twice' | 'never'): Command => ({
  text: `events come ${how}`,
  isPossible: ({ isPrompt }) => !isPrompt,
  expected: (model) => {
    hear(model, how === 'never');
    return 'done';
  },
  act: async (real) => {
    const events = real.trail ?? [];
    real.trail = null;
    const inOrder = how === 'reversed' ? events.toReversed() : events;
    const delivered = how === 'twice' ? [...inOrder, ...inOrder] : inOrder;
    for (const event of how === 'never' ? [] : delivered) {
      await recordKeyEvent(real.world.services, event);
    }
    await runPasses(real.world.services);
  },
});
