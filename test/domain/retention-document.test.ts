import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  COLLECTED_ON,
  cite,
  explainPreset,
  GRADE_MEANINGS,
  LAW_ARTICLES,
  RETENTION_PRESETS,
  type RetentionPreset,
} from '../../shared/domain/retention-preset.ts';
import { RETENTION_VECTORS } from './retention-vectors.ts';

const FILE = join(import.meta.dirname, '../../docs/retention.md');

/** @returns a Markdown table. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), `|${header.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

function lawsOf({ basis }: RetentionPreset): string {
  return basis.map((law) => `${cite(law)} (${law.grade})`).join('; ') || 'none';
}

function ruleRow(preset: RetentionPreset): string[] {
  const { id, period, title, binds, optIn, grade, startIsDesign } = preset;
  return [
    `\`${id}\``,
    `${title.en} / ${title.zh}`,
    period,
    `${preset.start.map((event) => `\`${event}\``).join(' ')}${startIsDesign ? ' *' : ''}`,
    `\`${preset.atEnd}\``,
    lawsOf(preset),
    optIn ? `${binds} (opt-in)` : binds,
    explainPreset(preset).doubts.length === 0 ? grade : `${grade}, unconfirmed`,
  ];
}

/** Each warning once, with the rules that carry it. */
function warningRows(): string[][] {
  const rules = RETENTION_PRESETS.map(explainPreset);
  const texts = new Set(rules.flatMap(({ warningsMean }) => warningsMean));
  return [...texts].map((text) => {
    const warned = rules.filter(({ warningsMean }) => warningsMean.includes(text));
    return [text, warned.map(({ id }) => `\`${id}\``).join(' ')];
  });
}

const SECTIONS: Readonly<Record<string, string>> = {
  grades: `${table(
    ['grade', 'what it means'],
    Object.entries(GRADE_MEANINGS),
  )}\n\nLooked up on ${COLLECTED_ON}.`,
  presets: table(
    ['preset', 'documents', 'period', 'starts with', 'at the end', 'law (grade)', 'binds', 'grade'],
    RETENTION_PRESETS.map(ruleRow),
  ),
  warnings: table(['warning', 'rules'], warningRows()),
  vectors: table(
    ['record', 'rule', 'event', 'last day kept', 'erase due'],
    RETENTION_VECTORS.map(({ record, presetId, event, lastDayKept, eraseDue }) => [
      record,
      `\`${presetId}\``,
      event,
      lastDayKept ?? 'none',
      eraseDue ?? 'never',
    ]),
  ),
};

function withSections(document: string): string {
  return Object.entries(SECTIONS).reduce((text, [name, section]) => {
    const place = new RegExp(`<!-- ${name} -->\n[^]*?<!-- /${name} -->`);
    expect(text).toMatch(place);
    return text.replace(place, () => `<!-- ${name} -->\n${section}\n<!-- /${name} -->`);
  }, document);
}

test('docs/retention.md shows the rules and dates of the data', async () => {
  const document = await readFile(FILE, 'utf8');
  const fresh = withSections(document);
  if (process.env.WRITE_DOCS === '1') {
    await writeFile(FILE, fresh);
  }
  expect(
    await readFile(FILE, 'utf8'),
    'docs/retention.md is stale: WRITE_DOCS=1 npx vitest run test/domain/retention-document.test.ts',
  ).toBe(fresh);
});

test.each(Object.values(LAW_ARTICLES))(
  'docs/retention.md shows how well $law $article of the law table is confirmed',
  async (article) => {
    const mark = ['C', 'U'].includes(article.grade)
      ? `${article.grade}, unconfirmed`
      : article.grade;
    expect(await readFile(FILE, 'utf8')).toContain(`${cite(article)} (${mark})`);
  },
);
