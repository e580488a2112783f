import { citeRules, listCited, marked } from './cited-law.ts';
import { describeTerm, PERMANENT, parseTerm } from './period.ts';
import { type Policy, rulesOf, type Statute } from './policy.ts';
import { describeReach, lockReachDays, needsSecondPerson } from './policy-locks.ts';
import { doubtsOf, explainPreset, isOwn, type RetentionPreset } from './retention-preset.ts';
import { TIERS } from './rotation.ts';

/** One decision that differs between two policies. */
export interface PolicyChange {
  /** Name in the document, such as `lock.horizonDays`. */
  readonly field: string;
  readonly from: string;
  readonly to: string;
  /** The change in a sentence for people who do not read documents. */
  readonly says: string;
}

/** What changes from one policy to another, and what that does to what is stored. */
export interface PolicyDiff {
  readonly changes: readonly PolicyChange[];
  /** Consequences, the ones that nobody can undo among them; one sentence each. */
  readonly effects: readonly string[];
}

/** A decision of a policy and how it is told. */
interface Told {
  readonly field: string;
  readonly value: (policy: Policy) => string;
  readonly says: (from: string, to: string) => string;
}

const told = (field: string, value: Told['value'], label: string, unit = ''): Told => ({
  field,
  value,
  says: (from, to) => `${label}: ${to}${unit} instead of ${from}${unit}.`,
});

const TOLD: readonly Told[] = [
  told('title', (policy) => policy.title, 'Title'),
  told('rules', describeRules, 'Legal rules it stands on'),
  told('reviewBy', (policy) => policy.reviewBy, 'Day by which the law is looked at again'),
  told('timeZone', (policy) => policy.timeZone, 'Zone whose days count'),
  told(
    'fiscalYearEnd',
    ({ fiscalYearEnd: { month, day } }) => `day ${day} of month ${month}`,
    'End of the fiscal year',
  ),
  told('role', (policy) => policy.role, 'Role of the firm'),
  told(
    'backup.everyHours',
    ({ backup }) => String(backup.everyHours),
    'Time between backups',
    ' h',
  ),
  told('backup.rpoHours', ({ backup }) => String(backup.rpoHours), 'Work that may be lost', ' h'),
  ...TIERS.map((tier) =>
    told(
      `snapshots.keep.${tier}`,
      ({ snapshots }) => String(snapshots.keep[tier]),
      `Points in time that are kept, ${tier}`,
    ),
  ),
  told('lock.mode', ({ lock }) => lock.mode, 'Kind of locks'),
  told('lock.minimumDays', ({ lock }) => String(lock.minimumDays), 'Locked at least', ' days'),
  told('lock.horizonDays', ({ lock }) => String(lock.horizonDays), 'Locked ahead', ' days'),
  told('lock.gridDays', ({ lock }) => String(lock.gridDays), 'Locks rounded up to', ' days'),
  told('lingerDays', ({ lingerDays }) => String(lingerDays), 'Expired data gone after', ' days'),
  told('erasure.graceDays', ({ erasure }) => String(erasure.graceDays), 'Grace', ' days'),
  told('erasure.windowDays', ({ erasure }) => String(erasure.windowDays), 'Wait of KMS', ' days'),
  told('erasure.approvals', ({ erasure }) => String(erasure.approvals), 'People who approve'),
  told(
    'erasure.undoForeignKeyEvents',
    ({ erasure }) => (erasure.undoForeignKeyEvents ? 'yes' : 'no'),
    'Keys taken away from outside are put right at once',
  ),
  told('drillEveryDays', (policy) => String(policy.drillEveryDays ?? 'never'), 'Days to a drill'),
  told('residency', ({ residency }) => residency ?? 'anywhere', 'Both copies must lie in'),
];

function describeRules(policy: Policy): string {
  return rulesOf(policy)
    .map((rule) => (isOwn(rule) ? describeOwn(rule) : nameOf(rule)))
    .sort()
    .join(', ');
}

function nameOf(rule: RetentionPreset): string {
  return marked(rule.id, { grade: rule.grade, doubts: doubtsOf(rule) });
}

/** Everything that decides: a rule of a firm's own may change under its name. */
function describeOwn(rule: RetentionPreset): string {
  const { says, atEnd, binds, warnings } = explainPreset(rule);
  const laws = listCited(citeRules([rule]));
  return `${nameOf(rule)} [${[says, laws, binds, atEnd, ...warnings].join('; ')}]`;
}

/** Compares two policies, or two versions of one. */
export function diffPolicies(from: Policy, to: Policy): PolicyDiff {
  const changes = TOLD.flatMap(({ field, value, says }) => {
    const [before, after] = [value(from), value(to)];
    return before === after ? [] : [{ field, from: before, to: after, says: says(before, after) }];
  });
  return { changes, effects: changes.length === 0 ? [] : effectsOf(from, to) };
}

function effectsOf(from: Policy, to: Policy): string[] {
  const effects = [
    'Snapshots that exist keep their end. The next ones follow the new policy.',
    ...legalEffects(from, to),
    ...erasingEffects(from.erasure, to.erasure),
  ];
  const [before, after] = [lockReachDays(from), lockReachDays(to)];
  const reach = describeReach(to);
  if (after > before) {
    effects.push(
      `Locks reach up to ${reach} ahead instead of ${describeReach(from)}. Once written, nobody ` +
        'can shorten them: not Holdfast, not AWS, not the owner of the account.',
      `After an erasure the unreadable ciphertext stays, and is paid for, up to ${reach}.`,
    );
  } else if (after < before) {
    effects.push(
      `New locks reach up to ${reach} ahead instead of ${describeReach(from)}. Locks that exist ` +
        'keep their end.',
    );
  } else {
    effects.push(`Locks reach as far ahead as before, up to ${reach}. Those that exist stay.`);
  }
  if (needsSecondPerson(to)) {
    effects.push('Locks of more than a year: a second person must approve this version.');
  }
  if (from.role !== to.role) {
    effects.push(`The firm acts as ${to.role} from then on: other rules of closing hold.`);
  }
  return effects;
}

/** Also between rules that differ in nothing but how well they are confirmed. */
function legalEffects({ statute: before }: Policy, { statute: after }: Policy): string[] {
  const [was, is] = [before, after].map((statute) =>
    statute === null ? 'for no time' : marked(describePeriod(statute), statute),
  );
  if (was === is) {
    return [];
  }
  const recounted = 'A closed vault that is retained gets its end anew.';
  return [`The law asks to keep it ${is} instead of ${was}. ${recounted}`];
}

function describePeriod({ period }: Statute): string {
  const term = parseTerm(period);
  return term === undefined || term === PERMANENT ? 'for ever' : describeTerm(term);
}

function erasingEffects(from: Policy['erasure'], to: Policy['erasure']): string[] {
  const people = (count: number) => (count === 1 ? '1 other person' : `${count} other people`);
  return [
    ...(from.approvals === to.approvals
      ? []
      : [
          `An erasure takes ${people(to.approvals)} to approve it instead of ` +
            `${people(from.approvals)}.`,
        ]),
    ...(from.graceDays === to.graceDays
      ? []
      : [
          `An erasure can be called off at once for ${to.graceDays} days instead of ` +
            `${from.graceDays}.`,
        ]),
  ];
}
