import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Snapshot } from '../../shared/domain/records.ts';
import { compareUtf8 } from '../../shared/domain/utf8-order.ts';
import { backUp, restoredFrom, sourceOf } from '../support/backed-up-vault.ts';
import { livingInstallation, registeredVault } from '../support/living-installation.ts';

/** Paths that are hard to sort, to pack or to tell apart, and usual ones. */
const PATHS = [
  'a',
  'a/b',
  'a/b.txt',
  'a//b',
  '/a',
  'a/',
  '..',
  '../a',
  'a/../b',
  './a',
  'line\nfeed',
  'caf\u00e9',
  'cafe\u0301',
  '\uffff',
  '😀',
  '会议/纪要.pdf',
  'C:\\a',
  'holdfast-escaped/a',
  `${'长'.repeat(340)}/end`,
  'x'.repeat(255),
  'x'.repeat(256),
  'tab\there',
  '-rf',
  ' ',
];

/** A record's new text, or `null`: it is deleted. */
const change = fc.record({
  path: fc.constantFrom(...PATHS),
  text: fc.option(fc.string({ maxLength: 20, unit: 'grapheme' })),
});
const round = fc.array(change, { maxLength: 8 });

test('each snapshot restores exactly its state, and only changes are read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
      const world = livingInstallation();
      const vault = await registeredVault(world);
      const source = sourceOf(world, vault);
      const state = new Map<string, string>();
      const taken: { snapshot: Snapshot; state: Record<string, string> }[] = [];
      for (const changes of rounds) {
        const before = new Map(state);
        for (const { path, text } of changes) {
          if (text === null) {
            source.delete(path);
            state.delete(path);
          } else {
            source.put(path, text);
            state.set(path, text);
          }
        }
        source.reads.length = 0;
        const snapshot = await backUp(world, vault);
        const changed = [...state].filter(([path, text]) => before.get(path) !== text);
        expect(source.reads).toEqual(changed.map(([path]) => path).sort(compareUtf8));
        taken.push({ snapshot, state: Object.fromEntries(state) });
      }
      for (const { snapshot, state: expected } of taken) {
        expect(await restoredFrom(world, vault, snapshot, 'primary')).toEqual(expected);
        expect(await restoredFrom(world, vault, snapshot, 'secondary')).toEqual(expected);
      }
    }),
    { numRuns: 25 },
  );
}, 180_000);
