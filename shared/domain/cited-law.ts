import {
  cite,
  doubtsOfArticle,
  type Grade,
  LAW_ARTICLES,
  type RetentionPreset,
} from './retention-preset.ts';

/** A law as it is cited, and how well that is confirmed: never one without the other. */
export interface CitedLaw {
  /** As people cite it, such as `会计法 23`. */
  readonly article: string;
  /** How well the article itself is confirmed; see `GRADE_MEANINGS`. */
  readonly grade: Grade;
  /** What of it is unconfirmed, or of the start that it does not name, one sentence each. */
  readonly doubts: readonly string[];
}

/** What is shown of a law or a period in one line: never without its grade. */
type Graded = Pick<CitedLaw, 'grade' | 'doubts'>;

/** @returns the articles that rules stand on, in their order, each once with all its doubts. */
export function citeRules(rules: readonly RetentionPreset[]): CitedLaw[] {
  const cited = new Map<string, CitedLaw>();
  for (const rule of rules) {
    for (const basis of rule.basis) {
      const article = cite(basis);
      const doubts = [...(cited.get(article)?.doubts ?? []), ...doubtsOfArticle(basis, rule)];
      cited.set(article, { article, grade: basis.grade, doubts: [...new Set(doubts)] });
    }
  }
  return [...cited.values()];
}

/** @returns an article that the law table itself stands on. */
export function citeArticle(name: keyof typeof LAW_ARTICLES): CitedLaw {
  const article = LAW_ARTICLES[name];
  return {
    article: cite(article),
    grade: article.grade,
    doubts: doubtsOfArticle(article, null),
  };
}

/** @returns a grade as lists show it: `A`, or `C, unconfirmed`. */
export function gradeMark({ grade, doubts }: Graded): string {
  return doubts.length === 0 ? grade : `${grade}, unconfirmed`;
}

/** @returns a text that stands on a law, marked if need be: `GDPR 17(3)(e) (C, unconfirmed)`. */
export function marked(text: string, graded: Graded): string {
  return graded.doubts.length === 0 ? text : `${text} (${gradeMark(graded)})`;
}

/** @returns laws in one line, each that is unconfirmed marked as such. */
export function listCited(laws: readonly CitedLaw[]): string {
  return laws.map((law) => marked(law.article, law)).join('; ');
}

/** @returns whether what rests on some laws is unconfirmed, because one of them is. */
export function isUnconfirmed(laws: readonly CitedLaw[]): boolean {
  return laws.some(({ doubts }) => doubts.length > 0);
}
