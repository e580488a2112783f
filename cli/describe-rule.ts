import { citeRules, gradeMark, listCited } from '../shared/domain/cited-law.ts';
import { cite, GRADE_MEANINGS, isOwn, type LegalRule } from '../shared/domain/retention-preset.ts';

/** What is shown of a legal rule in one line: never its period without its grade. */
type ShownRule = Pick<LegalRule, 'grade' | 'doubts'>;

/** @returns the lines that explain a legal rule, with its grade and everything unconfirmed. */
export function ruleFacts(rule: LegalRule): [string, string][] {
  return [
    ['rule', isOwn(rule) ? `${rule.id}, a rule of this policy's own` : rule.id],
    ['documents', `${rule.title.en} / ${rule.title.zh}`],
    ['binds', rule.optIn ? `${rule.binds} (opt-in)` : rule.binds],
    ['kept', rule.says],
    ['at the end', rule.atEndMeans],
    ...rule.basis.map(({ lawEn, ...basis }): [string, string] => {
      return ['law', `${cite(basis)} (${lawEn}), grade ${basis.grade}`];
    }),
    ...(rule.basis.length === 0 ? ([['law', 'none']] as [string, string][]) : []),
    ['grade', `${rule.grade}: ${rule.gradeMeans}`],
    ...rule.doubts.map((doubt): [string, string] => ['unconfirmed', doubt]),
    ...rule.warningsMean.map((warning): [string, string] => ['warning', warning]),
  ];
}

/** @returns a rule in a line, and in one more each what exactly of it is unconfirmed. */
export function ruleLines(rule: LegalRule): string[] {
  const laws = rule.basis.length === 0 ? 'no law' : listCited(citeRules([rule]));
  const grade = `grade ${gradeMark(rule)}: ${rule.gradeMeans}`;
  return [`${rule.id}: ${rule.says}; ${laws}; ${grade}`, ...rule.doubts];
}

/** @returns what the grades in a table mean, and what the mark beside them does. */
export function gradeLegend(rules: readonly ShownRule[], seeAlso: string): string[] {
  const shown = Object.entries(GRADE_MEANINGS)
    .filter(([grade]) => rules.some((rule) => rule.grade === grade))
    .map(([grade, meaning]) => `  ${grade}  ${meaning}`);
  const marked = rules.some(({ doubts }) => doubts.length > 0);
  const mark = `"unconfirmed": period or start is not confirmed; "${seeAlso}" says which.`;
  return ['', 'Grades:', ...shown, ...(marked ? [mark] : [])];
}

/** @returns the day by which somebody is to look at the law again, and whether it has passed. */
export function describeReview(reviewBy: string, isOverdue: boolean): string {
  return isOverdue ? `${reviewBy}: overdue, somebody must look at the law again` : reviewBy;
}
