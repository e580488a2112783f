import { describe, expect, test } from 'vitest';
import { facts, instant, paragraphs, size, table } from '../../cli/render.ts';

describe('a table', () => {
  test('aligns columns, counting a Chinese character as the two columns it takes', () => {
    expect(
      table(
        ['NAME', 'STATE'],
        [
          ['莲花', 'x'],
          ['Lotus', 'y'],
        ],
        'None.',
      ),
    ).toBe('NAME   STATE\n莲花   x\nLotus  y\n');
  });

  test('aligns numbers and sizes at their end, with their header', () => {
    const rows = [
      ['1', '1.5 MiB', 'a'],
      ['12,345', '-', '7'],
    ];
    expect(table(['COUNT', 'SIZE', 'NAME'], rows, 'None.')).toBe(
      ' COUNT     SIZE  NAME\n     1  1.5 MiB  a\n12,345        -  7\n',
    );
  });

  test('says that there is nothing when there is nothing', () => {
    expect(table(['NAME'], [], 'No clients.')).toBe('No clients.\n');
  });

  test('shows control characters as question marks, so that no name steers the terminal', () => {
    expect(table(['NAME'], [['a\u001b[2Jb\nc']], 'None.')).toBe('NAME\na?[2Jb?c\n');
  });
});

test('facts are aligned one per line, control characters made harmless', () => {
  expect(
    facts([
      ['id', '1'],
      ['state', 'A\rB'],
    ]),
  ).toBe('id     1\nstate  A?B\n');
});

test('a paragraph is broken between words, before a terminal breaks it within one', () => {
  const word = 'nine signs'.replace(' ', '_');
  const text = Array.from({ length: 15 }, () => word).join(' ');
  const seven = Array.from({ length: 7 }, () => word).join(' ');
  expect(paragraphs(text)).toBe(`${seven}\n${seven}\n${word}\n`);
  expect(paragraphs(`- ${text}`)).toBe(`- ${seven}\n  ${seven}\n  ${word}\n`);
  expect(paragraphs('x'.repeat(99))).toBe(`${'x'.repeat(99)}\n`);
});

test('an instant is shown in UTC to the second', () => {
  expect(instant('2026-11-02T09:00:00.123+01:00')).toBe('2026-11-02T08:00:00Z');
  expect(instant(null)).toBe('-');
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [5 * 1024 ** 3, '5.0 GiB'],
  [3 * 1024 ** 6, '3072.0 PiB'],
])('%d bytes are shown as %s', (bytes, shown) => {
  expect(size(bytes)).toBe(shown);
});
