import { describe, expect, test } from 'vitest';
import { type PlantedBug, plantedBugs, problemOf } from '../../scripts/planted-bug.ts';
import { ROOT, readProjectFile } from './project-files.ts';

/** A bug that is taken out is a hole that may come back. */
const PLANTED = 55;

describe('planted bugs', () => {
  const bugs = plantedBugs();

  test(`are ${PLANTED}, each said in a sentence of its own`, () => {
    expect(bugs).toHaveLength(PLANTED);
    expect(new Set(bugs.map(({ says }) => says)).size).toBe(PLANTED);
    expect(bugs.filter(({ says }) => !/^[A-Z].{20,98}\.$/.test(says))).toEqual([]);
    const told = readProjectFile('docs/threat-model.md');
    expect(told).toContain(`\`npm run mutants\` plants ${PLANTED} bugs`);
    expect(told).toContain(`All ${PLANTED} are caught`);
  });

  test('can still be planted, each at one place only', () => {
    const problems = bugs.flatMap((bug) => {
      const problem = problemOf(bug, ROOT);
      return problem === undefined ? [] : [`${bug.name}: ${problem}`];
    });
    expect(problems).toEqual([]);
  });

  test('that fit nowhere, or in two places, are told apart from those that fit', () => {
    const path = 'shared/domain/copy-name.ts';
    const bug = (before: string, after: string): PlantedBug => ({
      name: 'sample',
      says: 'A sample.',
      hunks: [{ path, before, after }],
    });
    expect(problemOf(bug('not a line of it\n', ''), ROOT)).toContain('fits in 0 places');
    expect(problemOf(bug(' */\n', ''), ROOT)).toMatch(/fits in \d places, not in one/);
    expect(problemOf(bug(' */\n', ' */\n'), ROOT)).toContain('changes nothing');
    expect(problemOf({ name: 'sample', says: 'A sample.', hunks: [] }, ROOT)).toBeDefined();
  });
});
