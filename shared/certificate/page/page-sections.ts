import { COPY_NAMES, type CopyName } from '../../domain/copy-name.ts';
import type { Certificate } from '../../format/certificate.ts';
import type { PageLabel, PageWords } from './page-words.ts';

/** A label and what stands beside it, one line each. */
export type PageRow = readonly [label: string, lines: readonly string[]];

/** A titled table of a certificate's page. */
export interface PageSection {
  readonly title: string;
  readonly rows: readonly PageRow[];
}

/** @returns an instant to the second, in UTC, as a page shows it. */
export function showInstant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** @returns the tables of a certificate's page: every fact of the certificate, in words. */
export function pageSections(certificate: Certificate, words: PageWords): readonly PageSection[] {
  const { sections } = words;
  const make = (title: string, rows: readonly PageRow[]): PageSection => ({ title, rows });
  return [
    make(sections.what, whatRows(certificate, words)),
    make(sections.how, howRows(certificate, words)),
    make(sections.who, whoRows(certificate, words)),
    make(sections.when, whenRows(certificate, words)),
    make(sections.evidence, evidenceRows(certificate, words)),
    make(sections.law, lawRows(certificate, words)),
    make(sections.remains, remainsRows(certificate, words)),
  ];
}

/** @returns rows under their labels; what has no value is left out. */
function labelled(
  { labels }: PageWords,
  rows: readonly (readonly [PageLabel, readonly string[] | string | null])[],
): PageRow[] {
  return rows.flatMap(([label, value]): PageRow[] =>
    value === null ? [] : [[labels[label], typeof value === 'string' ? [value] : value]],
  );
}

function ofEachCopy(words: PageWords, line: (copy: CopyName) => string): string[] {
  return COPY_NAMES.map((copy) => `${words.copies[copy]}: ${line(copy)}`);
}

function former(
  { keys, goneAt }: NonNullable<Certificate['destroyed']['formerKeys']>,
  copy: CopyName,
): string {
  return `${keys[copy]} (${showInstant(goneAt)})`;
}

function whatRows({ subject, destroyed, media }: Certificate, words: PageWords): PageRow[] {
  const { objects, keys, formerKeys } = destroyed;
  const { count, firstAt, lastAt } = subject.snapshots;
  const [from, to] = [firstAt, lastAt].map((at) => at && showInstant(at));
  return labelled(words, [
    ['client', subject.clientId],
    ['vault', subject.vaultId],
    ['recordClass', subject.recordClass],
    ['role', words.roles[subject.role]],
    ['key', ofEachCopy(words, (copy) => keys[copy])],
    ['formerKey', formerKeys ? ofEachCopy(words, (copy) => former(formerKeys, copy)) : null],
    ['snapshots', words.backups(count, from ?? null, to ?? null)],
    ['objects', words.objects(objects.count, objects.bytes)],
    ['objectList', objects.sha256],
    [
      'media',
      ofEachCopy(words, (copy) => {
        const { region, bucket, lockMode } = media[copy];
        return `AWS S3 ${region} ${bucket}, Object Lock ${lockMode}`;
      }),
    ],
  ]);
}

function howRows(certificate: Certificate, words: PageWords): PageRow[] {
  const { method, issuer } = certificate;
  return labelled(words, [
    ['technique', words.technique],
    ['tier', words.tiers[method.tier]],
    ['message', method.message],
    ['wrapping', method.wrapping],
    ['keys', words.keys(certificate)],
    ['tool', `${issuer.tool.name} ${issuer.tool.version}`],
    ['standards', words.standards(certificate)],
  ]);
}

function whoRows({ erasure }: Certificate, words: PageWords): PageRow[] {
  return labelled(words, [
    ['erasure', erasure.erasureId],
    ['requested', `${showInstant(erasure.requestedAt)} · ${erasure.requestedBy}`],
    ['approved', erasure.approvals.map(({ by, at }) => `${showInstant(at)} · ${by}`)],
    ['plan', erasure.planSha256],
  ]);
}

function whenRows({ erasure }: Certificate, words: PageWords): PageRow[] {
  return labelled(words, [
    ['disabled', showInstant(erasure.suspendedAt)],
    ['grace', showInstant(erasure.graceUntil)],
    ['due', ofEachCopy(words, (copy) => showInstant(erasure.deletionDates[copy]))],
    ['verified', showInstant(erasure.erasedAt)],
  ]);
}

function evidenceRows({ evidence, probes }: Certificate, words: PageWords): PageRow[] {
  return labelled(words, [
    [
      'destroyed',
      ofEachCopy(words, (copy) => {
        const seen = evidence[copy];
        const how = showEvidence(seen, words);
        return `${showInstant(seen.at)}, ${seen.region}: ${how}`;
      }),
    ],
    [
      'decrypt',
      ofEachCopy(words, (copy) => {
        const { at, answer } = probes[copy];
        return `${showInstant(at)}, ${words.refused(answer)}`;
      }),
    ],
  ]);
}

function showEvidence(seen: Certificate['evidence']['primary'], words: PageWords): string {
  switch (seen.kind) {
    case 'event':
      return words.event(seen.eventId);
    case 'absence':
      return words.absence;
    case 'entry-deleted':
      return words.entryDeleted;
  }
}

function lawRows({ legal, subject }: Certificate, words: PageWords): PageRow[] {
  const { policy } = subject;
  const { keptUntil, confirmation } = legal;
  const { basis = [], duties = [] } = confirmation ?? {};
  const isMarked = [...basis, ...duties, ...duties.flatMap((duty) => duty.basis)].some(
    ({ unconfirmed }) => unconfirmed,
  );
  const kept = keptUntil && words.graded(showInstant(keptUntil), duties[0]);
  return labelled(words, [
    ['rule', [words.rule(legal.rule), `${legal.outcome}, ${legal.rule}`]],
    ['basis', legal.basis.length === 0 ? words.none : showBasis(legal, words)],
    ['statute', showDuties(legal, words)],
    ['keptUntil', kept ?? words.noPeriod],
    ['unconfirmed', isMarked ? words.unconfirmedMeans : null],
    ['policy', words.version(policy.id, policy.version)],
  ]);
}

type Legal = Certificate['legal'];

function showBasis({ basis, confirmation }: Legal, words: PageWords): string[] {
  return basis.map((article, index) => words.graded(article, confirmation?.basis[index]));
}

/** Every duty, the deciding one first; an old certificate states only that one, without grades. */
function showDuties({ statute, confirmation }: Legal, words: PageWords): string[] {
  if (statute === null) {
    return [words.none];
  }
  const duties = confirmation?.duties ?? [];
  if (duties.length === 0) {
    const bare = (text: string) => words.graded(text, undefined);
    return [bare(words.period(statute.period)), ...statute.basis.map(bare)];
  }
  return duties.flatMap((duty) => [
    words.graded(words.period(duty.period), duty),
    ...duty.basis.map((law) => words.graded(law.article, law)),
  ]);
}

function remainsRows({ ciphertext, audit }: Certificate, words: PageWords): PageRow[] {
  const state =
    ciphertext.state === 'removed'
      ? words.removed(showInstant(ciphertext.removedAt))
      : words.remains(ciphertext.until === null ? null : showInstant(ciphertext.until));
  return labelled(words, [
    ['ciphertext', state],
    ['audit', [words.entries(audit.entries), audit.head]],
  ]);
}
