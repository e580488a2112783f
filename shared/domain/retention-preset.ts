import { z } from 'zod';
import type { ClockStart } from './calendar.ts';
import { describeTerm, lastsAnyTime, PERMANENT, parseTerm, type Term } from './period.ts';
import law from './retention-presets.json' with { type: 'json' };

/**
 * The periods that laws set, as data. `retention-presets.json` holds them with the wording shown to
 * people; `docs/retention.md` says where they come from and how far to trust them. It is research,
 * not legal advice.
 */

/** How well a rule is confirmed, best first; what each means is in the data. */
export const GRADES = ['A', 'B', 'C', 'U', 'design'] as const;
export type Grade = (typeof GRADES)[number];

/** Grades that confirm nothing. */
const UNCONFIRMED: readonly Grade[] = ['C', 'U', 'design'];

const text = z.string().trim().min(1).max(200);
const grade = z.enum(GRADES);

/** Where a rule stands; without an article when the whole text is meant. */
const basis = z.strictObject({
  law: text,
  lawEn: text,
  article: z.string().trim().max(90),
  grade: grade.exclude(['design']),
});

/** Clocks that nothing else can start besides: their days are found in another way. */
const ALONE = ['FISCAL_YEAR_END_PLUS_1D', 'TAX_YEAR_END_PLUS_1D', 'NONE'] as const;

const preset = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)+$/),
    /** Presets that belong together, such as `cn-accounting`. */
    group: text,
    /** The class of documents. */
    title: z.strictObject({ en: text, zh: text }),
    /** Who must keep them. */
    binds: text,
    /** Binds only some trades: nobody is given it unasked. */
    optIn: z.boolean(),
    /** ISO 8601 period, or `PERMANENT`. */
    period: z
      .string()
      .refine((value) => parseTerm(value) !== undefined, { error: 'is no ISO 8601 period' }),
    /** What starts the clock; of several whichever comes first. */
    start: z
      .array(z.enum(keysOf(law.starts)))
      .min(1)
      .refine((events) => events.length === 1 || !events.some(isAlone), {
        error: 'must name a year, or no clock, alone',
      }),
    /** The law does not name the start: it is a choice. */
    startIsDesign: z.boolean(),
    /** What is to be done when the period is over. */
    atEnd: z.enum(keysOf(law.ends)),
    basis: z.array(basis),
    /** Grade of what the period itself rests on: that of one of the articles. */
    grade,
    warnings: z.array(z.enum(keysOf(law.warnings))),
  })
  .refine(({ period, start }) => (period === PERMANENT) === start.includes('NONE'), {
    path: ['start'],
    error: 'must be NONE for what is permanent, and for nothing else',
  })
  .refine(
    ({ basis: laws, grade: own }) => laws.length === 0 || laws.some((each) => each.grade === own),
    {
      path: ['grade'],
      error: 'must be that of a law it stands on',
    },
  );

function isAlone(event: string): boolean {
  return ALONE.some((each) => each === event);
}

const lawFile = z.strictObject({
  collectedOn: text,
  grades: z.strictObject({ A: text, B: text, C: text, U: text, design: text }),
  starts: z.record(z.string(), text),
  /** Events that may come only after the work for a client has ended. */
  startsAfterWork: z.array(z.enum(keysOf(law.starts))),
  ends: z.record(z.string(), text),
  warnings: z.record(z.string(), text),
  articles: z.record(z.enum(keysOf(law.articles)), basis),
  presets: z.array(preset).readonly(),
});

/** One legal rule: which documents, how long, from when, by which law. */
export type RetentionPreset = Readonly<z.infer<typeof preset>>;
export type LegalBasis = RetentionPreset['basis'][number];
type StartEvent = RetentionPreset['start'][number];

const LAW = lawFile.parse(law);

/** All legal rules this version knows. */
export const RETENTION_PRESETS: readonly RetentionPreset[] = LAW.presets;

/** The articles that the law table stands on, besides those of the rules. */
export const LAW_ARTICLES = LAW.articles;

/** What each grade means, in words. */
export const GRADE_MEANINGS: Readonly<Record<Grade, string>> = LAW.grades;

/** The day on which the law was looked up. */
export const COLLECTED_ON = LAW.collectedOn;

/** @returns the preset of that id, or `undefined`. */
export function findPreset(presetId: string): RetentionPreset | undefined {
  return RETENTION_PRESETS.find(({ id }) => id === presetId);
}

/** How the ids of a firm's own rules begin; no preset of this or of a later version does. */
const OWN = 'own-';

/** A rule of a firm's own, written into its policy: a preset in every way, never without a law. */
export const ownRule = preset
  .refine(isOwn, { path: ['id'], error: `must begin with "${OWN}"` })
  .refine(({ basis: laws }) => laws.length > 0, { path: ['basis'], error: 'must name a law' });

/** @returns whether a rule is a firm's own. */
export function isOwn({ id }: Pick<RetentionPreset, 'id'>): boolean {
  return id.startsWith(OWN);
}

/** A preset with every code put into words, as people are shown it. */
export interface LegalRule extends RetentionPreset {
  readonly gradeMeans: string;
  /** The period and its start in one sentence. */
  readonly says: string;
  readonly atEndMeans: string;
  readonly warningsMean: readonly string[];
  /** What of it is unconfirmed, one sentence each; empty when nothing is. */
  readonly doubts: readonly string[];
}

/** @returns a preset as people are shown it: never without what its grade means. */
export function explainPreset(rule: RetentionPreset): LegalRule {
  return {
    ...rule,
    gradeMeans: GRADE_MEANINGS[rule.grade],
    says: `${describeTerm(termOf(rule))}, ${startMeans(rule)}`,
    atEndMeans: law.ends[rule.atEnd],
    warningsMean: rule.warnings.map((code) => law.warnings[code]),
    doubts: doubtsOf(rule),
  };
}

/** @returns what of a rule is unconfirmed, one sentence each. */
export function doubtsOf(rule: RetentionPreset): string[] {
  const period =
    rule.grade === 'design'
      ? "No law sets the period: it is Holdfast's own choice."
      : `The period is ${GRADE_MEANINGS[rule.grade]}.`;
  return [...(UNCONFIRMED.includes(rule.grade) ? [period] : []), ...startDoubts(rule)];
}

/** @returns what is unconfirmed of an article, and of the rule that stands on it, if any. */
export function doubtsOfArticle(
  { grade: known }: Pick<LegalBasis, 'grade'>,
  rule: RetentionPreset | null,
): string[] {
  const article = UNCONFIRMED.includes(known) ? [`The article is ${GRADE_MEANINGS[known]}.`] : [];
  return [...article, ...(rule === null ? [] : startDoubts(rule))];
}

function startDoubts(rule: RetentionPreset): string[] {
  const whose = isOwn(rule) ? "the firm's" : "Holdfast's";
  return rule.startIsDesign
    ? [`The start is unconfirmed: no law names it, it is ${whose} choice.`]
    : [];
}

/** @returns `会计法 23`, as people cite it. */
export function cite({ law: name, article }: Pick<LegalBasis, 'law' | 'article'>): string {
  return article === '' ? name : `${name} ${article}`;
}

/** @returns how long a preset keeps. */
export function termOf({ period }: RetentionPreset): Term {
  const term = parseTerm(period);
  if (term === undefined) {
    throw new TypeError('a preset passed its schema without a period');
  }
  return term;
}

/**
 * Whether a law asks to keep something for a time. Otherwise the period is one's own: a defence
 * against claims, or a choice of design.
 */
export function isDuty(rule: RetentionPreset): boolean {
  const isAsked = rule.basis.length > 0 && !rule.warnings.includes('NO_DUTY_TO_KEEP');
  return isAsked && lastsAnyTime(termOf(rule));
}

/** What is not listed starts with an event of its own. */
const CLOCK_STARTS: Partial<Record<StartEvent, ClockStart>> = {
  FISCAL_YEAR_END_PLUS_1D: 'fiscal-year',
  TAX_YEAR_END_PLUS_1D: 'calendar-year',
  NONE: 'never',
};

/** @returns how the calendar starts a preset's clock. */
export function clockStartOf({ start }: Pick<RetentionPreset, 'start'>): ClockStart {
  return start.map((event) => CLOCK_STARTS[event]).find((found) => found !== undefined) ?? 'event';
}

/** @returns whether a rule's clock may start only after the work for a client has ended. */
export function mayStartLater({ start }: Pick<RetentionPreset, 'start'>): boolean {
  return start.some((event) => LAW.startsAfterWork.includes(event));
}

/** @returns from which day on a rule counts, in words. */
export function startMeans({ start }: Pick<RetentionPreset, 'start'>): string {
  if (start.includes('NONE')) {
    return law.starts.NONE;
  }
  const first = start.length > 1 ? ', whichever comes first' : '';
  return `from ${start.map((event) => law.starts[event]).join(' or ')}${first}`;
}

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): [Key, ...Key[]] {
  return Object.keys(record) as [Key, ...Key[]];
}
