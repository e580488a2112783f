import type { Period } from '../../domain/period.ts';
import type { Certificate } from '../../format/certificate.ts';
import type { RemainingCiphertext } from '../remaining-ciphertext.ts';

/** Languages that a certificate is printed in. */
export const PAGE_LANGUAGES = ['en', 'zh'] as const;

export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

/** Every word of a printed certificate that is not a value. */
export interface PageWords {
  readonly lang: string;
  readonly titles: Readonly<Record<Certificate['statement'], string>>;
  /** What happened, in one or two sentences without any claim beyond the certificate's own. */
  readonly summary: (certificate: Certificate) => string;
  readonly sections: Readonly<
    Record<
      | 'what'
      | 'how'
      | 'when'
      | 'who'
      | 'evidence'
      | 'law'
      | 'remains'
      | 'outOfScope'
      | 'register'
      | 'signatures'
      | 'check',
      string
    >
  >;
  readonly labels: Readonly<Record<PageLabel, string>>;
  readonly copies: Readonly<Record<'primary' | 'secondary', string>>;
  readonly roles: Readonly<Record<Certificate['subject']['role'], string>>;
  /** What the law table's rule says, by its name. */
  readonly rule: (rule: string) => string;
  /** What it says of a restriction, after that has ended. */
  readonly restricted: (endedAt: string) => string;
  /** What starts a period, and its first day. */
  readonly counted: (event: string, startsOn: string) => string;
  readonly backups: (count: number, from: string | null, to: string | null) => string;
  readonly objects: (count: number, bytes: number) => string;
  readonly version: (id: string, version: number) => string;
  readonly entries: (count: number) => string;
  readonly technique: string;
  readonly tiers: Readonly<Record<Certificate['method']['tier'], string>>;
  /** What somebody did that led to the erasure. */
  readonly acts: Readonly<
    Record<NonNullable<Certificate['erasure']['initiatedBy']>[number]['act'], string>
  >;
  readonly keys: (certificate: Certificate) => string;
  readonly standards: (certificate: Certificate) => string;
  readonly outOfScope: (certificate: Certificate) => readonly string[];
  readonly event: (id: string) => string;
  readonly absence: string;
  readonly entryDeleted: string;
  readonly refused: (answer: string) => string;
  /** In a certificate of the first, which tells nothing of each copy. */
  readonly remains: (until: string | null) => string;
  /** What lies in one copy. */
  readonly remainsIn: (found: Omit<RemainingCiphertext, 'until'>, until: string | null) => string;
  readonly removed: (at: string) => string;
  readonly period: (period: string) => string;
  /** A law, a period or a date that stands on one; without a grade in old certificates. */
  readonly graded: (text: string, confirmed: Confirmed | undefined) => string;
  /** What the mark of `graded` means. */
  readonly unconfirmedMeans: string;
  readonly kept: (time: Period) => string;
  /** How long a vault was there, where no day is known from which the law counts. */
  readonly sinceOpening: (days: number) => string;
  readonly none: string;
  readonly noPeriod: string;
  readonly unknown: string;
  /** The columns of the destruction register; see `register-row.ts`. */
  readonly register: readonly string[];
  readonly signatories: readonly string[];
  readonly signatureLine: string;
  readonly signatureNote: string;
  /** Who is there when archives are destroyed, and the columns they sign in. */
  readonly witnesses: readonly string[];
  readonly witnessing: readonly string[];
  /** Heading of the table of who did it and who checked it, and what is written about each. */
  readonly people: readonly string[];
  readonly personFields: readonly string[];
  readonly check: readonly string[];
  readonly staffNote: string;
}

/** How well what a certificate states about the law is confirmed. */
export interface Confirmed {
  readonly grade: string;
  readonly unconfirmed: boolean;
}

export type PageLabel =
  | 'certificate'
  | 'issued'
  | 'issuer'
  | 'continues'
  | 'client'
  | 'vault'
  | 'recordClass'
  | 'role'
  | 'opened'
  | 'key'
  | 'formerKey'
  | 'objects'
  | 'objectList'
  | 'snapshots'
  | 'media'
  | 'technique'
  | 'tier'
  | 'message'
  | 'wrapping'
  | 'keys'
  | 'tool'
  | 'standards'
  | 'erasure'
  | 'requested'
  | 'initiated'
  | 'approved'
  | 'plan'
  | 'disabled'
  | 'grace'
  | 'due'
  | 'destroyed'
  | 'decrypt'
  | 'verified'
  | 'rule'
  | 'basis'
  | 'clock'
  | 'keptUntil'
  | 'statute'
  | 'unconfirmed'
  | 'ciphertext'
  | 'audit'
  | 'payload'
  | 'signingKey';
