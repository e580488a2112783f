import { describe, expect, test } from 'vitest';
import { selectPaths } from '../../shared/restore/select-paths.ts';

describe('choosing records by pattern', () => {
  test.each([
    ['*.pdf', 'a.pdf', true],
    ['*.pdf', 'a/a.pdf', false],
    ['**/*.pdf', 'a.pdf', true],
    ['**/*.pdf', 'a/b/a.pdf', true],
    ['**', '.hidden/.file', true],
    ['**', 'line\nfeed', true],
    ['*', 'line\nfeed', true],
    ['**/*', 'a/line\nfeed', true],
    ['2026', '2026', true],
    ['2026', '2026/a/b', true],
    ['2026/', '2026/a', true],
    ['2026', '20260', false],
    ['2026', 'x/2026', false],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['{a,b}/*', 'b/x', true],
    ['会议/*.txt', '会议/纪要.txt', true],
    ['scan [1].pdf', 'scan [1].pdf', true],
    ['report (1).pdf', 'report (1).pdf', true],
    ['!a', 'b', false],
    ['!a', '!a', true],
    ['A', 'a', false],
  ])('"%s" on "%s": %s', (pattern, path, expected) => {
    expect(selectPaths([pattern])(path)).toBe(expected);
  });

  test('no pattern chooses all, several choose what one of them does', () => {
    expect(selectPaths([])('anything')).toBe(true);
    expect(['a', 'b', 'c'].filter(selectPaths(['a', 'c']))).toEqual(['a', 'c']);
  });
});
