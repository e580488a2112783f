import { COPY_NAMES, type CopyName } from '../../domain/copy-name.ts';
import { clockTimeAt } from '../../domain/time-zone.ts';
import type { Certificate } from '../../format/certificate.ts';
import type { PageLabel, PageWords } from './page-words.ts';

/** A label and what stands beside it, one line each. */
export type PageRow = readonly [label: string, lines: readonly string[]];

/** A titled table of a certificate's page. */
export interface PageSection {
  readonly title: string;
  readonly rows: readonly PageRow[];
}

/** How a page says things: in which language, and by which clocks. */
export interface Wording {
  readonly words: PageWords;
  /** An instant as the page shows it. */
  readonly at: (iso: string) => string;
}

/** @returns how a certificate's page says things in a language. */
export function wordingOf({ subject }: Certificate, words: PageWords): Wording {
  return { words, at: (iso) => showInstant(iso, subject.policy.timeZone) };
}

/** By the clocks of the policy, as the law counts days by them, and in UTC. */
function showInstant(iso: string, timeZone: string): string {
  const [local, utc] = [timeZone, 'UTC'].map(
    (zone) => `${clockTimeAt(new Date(iso), zone)} ${zone}`,
  );
  return local === utc ? `${utc}` : `${local} (${utc})`;
}

/** @returns what stands at the head of a certificate, and which one it continues if it does. */
export function headRows(certificate: Certificate, wording: Wording): readonly PageRow[] {
  const { certificateId, issuedAt, issuer, continues } = certificate;
  return labelled(wording, [
    ['certificate', certificateId],
    ['issued', wording.at(issuedAt)],
    ['issuer', `${issuer.installation}, AWS ${issuer.account}`],
    ['continues', continues && `${continues.certificateId}, SHA-256 ${continues.payloadSha256}`],
  ]);
}

/** @returns the tables of a certificate's page: every fact of the certificate, in words. */
export function pageSections(certificate: Certificate, wording: Wording): readonly PageSection[] {
  const { sections } = wording.words;
  const make = (title: string, rows: readonly PageRow[]): PageSection => ({ title, rows });
  return [
    make(sections.what, whatRows(certificate, wording)),
    make(sections.how, howRows(certificate, wording)),
    make(sections.who, whoRows(certificate, wording)),
    make(sections.when, whenRows(certificate, wording)),
    make(sections.evidence, evidenceRows(certificate, wording)),
    make(sections.law, lawRows(certificate, wording)),
    make(sections.remains, remainsRows(certificate, wording)),
  ];
}

/** @returns rows under their labels; what has no value is left out. */
function labelled(
  { words: { labels } }: Wording,
  rows: readonly (readonly [PageLabel, readonly string[] | string | null])[],
): PageRow[] {
  return rows.flatMap(([label, value]): PageRow[] =>
    value === null ? [] : [[labels[label], typeof value === 'string' ? [value] : value]],
  );
}

function ofEachCopy({ words }: Wording, line: (copy: CopyName) => string): string[] {
  return COPY_NAMES.map((copy) => `${words.copies[copy]}: ${line(copy)}`);
}

function showSnapshots(
  { count, firstAt, lastAt }: Certificate['subject']['snapshots'],
  { words, at }: Wording,
): string {
  const [from, to] = [firstAt, lastAt].map((iso) => iso && at(iso));
  return words.backups(count, from ?? null, to ?? null);
}

function whatRows({ subject, destroyed, media }: Certificate, wording: Wording): PageRow[] {
  const { words, at } = wording;
  const { objects, keys, formerKeys } = destroyed;
  return labelled(wording, [
    ['client', subject.clientId],
    ['vault', subject.vaultId],
    ['recordClass', words.version(subject.policy.id, subject.policy.version)],
    ['role', words.roles[subject.role]],
    ['opened', at(subject.openedAt)],
    ['key', ofEachCopy(wording, (copy) => keys[copy])],
    [
      'formerKey',
      formerKeys
        ? ofEachCopy(wording, (copy) => `${formerKeys.keys[copy]}, ${at(formerKeys.goneAt)}`)
        : null,
    ],
    ['snapshots', showSnapshots(subject.snapshots, wording)],
    ['objects', words.objects(objects.count, objects.bytes)],
    ['objectList', objects.sha256],
    [
      'media',
      ofEachCopy(wording, (copy) => {
        const { region, bucket, lockMode } = media[copy];
        return `AWS S3 ${region} ${bucket}, Object Lock ${lockMode}`;
      }),
    ],
  ]);
}

function howRows(certificate: Certificate, wording: Wording): PageRow[] {
  const { method, issuer } = certificate;
  const { words } = wording;
  return labelled(wording, [
    ['technique', words.technique],
    ['tier', words.tiers[method.tier]],
    ['message', method.message],
    ['wrapping', method.wrapping],
    ['keys', words.keys(certificate)],
    ['tool', `${issuer.tool.name} ${issuer.tool.version}`],
    ['standards', words.standards(certificate)],
  ]);
}

function whoRows({ erasure }: Certificate, wording: Wording): PageRow[] {
  const { words, at } = wording;
  const { snapshots, objects } = erasure.planned;
  const planned = words.objects(objects.count, objects.bytes);
  const acts = (erasure.initiatedBy ?? []).flatMap((done) => [
    done.by,
    `${words.acts[done.act]}, ${at(done.at)}`,
  ]);
  return labelled(wording, [
    ['erasure', erasure.erasureId],
    ['requested', [erasure.requestedBy, at(erasure.requestedAt)]],
    ['initiated', acts.length === 0 ? null : acts],
    ['approved', erasure.approvals.flatMap((approval) => [approval.by, at(approval.at)])],
    ['plan', [erasure.planSha256, showSnapshots(snapshots, wording), planned, objects.sha256]],
  ]);
}

function whenRows({ erasure }: Certificate, wording: Wording): PageRow[] {
  const { at } = wording;
  return labelled(wording, [
    ['disabled', at(erasure.suspendedAt)],
    ['grace', at(erasure.graceUntil)],
    ['due', ofEachCopy(wording, (copy) => at(erasure.deletionDates[copy]))],
    ['verified', at(erasure.erasedAt)],
  ]);
}

function evidenceRows({ evidence, probes }: Certificate, wording: Wording): PageRow[] {
  const { words, at } = wording;
  return labelled(wording, [
    [
      'destroyed',
      ofEachCopy(wording, (copy) => {
        const seen = evidence[copy];
        return `${seen.region}, ${at(seen.at)}: ${showEvidence(seen, words)}`;
      }),
    ],
    [
      'decrypt',
      ofEachCopy(wording, (copy) => {
        const { at: tried, answer } = probes[copy];
        return `${at(tried)}, ${words.refused(answer)}`;
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

function lawRows({ legal }: Certificate, wording: Wording): PageRow[] {
  const { words, at } = wording;
  const { clock, keptUntil, confirmation } = legal;
  const { basis = [], duties = [] } = confirmation ?? {};
  const isMarked = [...basis, ...duties, ...duties.flatMap((duty) => duty.basis)].some(
    ({ unconfirmed }) => unconfirmed,
  );
  const rule = keptUntil === null ? words.rule(legal.rule) : words.restricted(at(keptUntil));
  return labelled(wording, [
    ['rule', [rule, `${legal.outcome}, ${legal.rule}`]],
    ['basis', legal.basis.length === 0 ? words.none : showBasis(legal, words)],
    ['statute', showDuties(legal, words)],
    ['clock', clock ? [words.counted(clock.event, clock.startsOn), clock.statedBy] : null],
    ['keptUntil', showEnd(legal, wording)],
    ['unconfirmed', isMarked ? words.unconfirmedMeans : null],
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

function showEnd({ statute, clock, keptUntil, confirmation }: Legal, wording: Wording): string {
  const { words, at } = wording;
  const end = clock?.endsAt ?? keptUntil;
  if (end !== null) {
    return words.graded(at(end), confirmation?.duties[0]);
  }
  return statute === null ? words.noPeriod : words.unknown;
}

function remainsRows({ ciphertext, audit, issuedAt }: Certificate, wording: Wording): PageRow[] {
  const { words, at } = wording;
  return labelled(wording, [
    [
      'ciphertext',
      ciphertext.state === 'removed'
        ? words.removed(at(ciphertext.removedAt))
        : showRemaining(ciphertext, issuedAt, wording),
    ],
    ['audit', [words.entries(audit.entries), audit.head]],
  ]);
}

type Remaining = Extract<Certificate['ciphertext'], { state: 'remains-unreadable' }>;

function showRemaining(
  { copies, until }: Remaining,
  issuedAt: string,
  wording: Wording,
): readonly string[] {
  const { words, at } = wording;
  if (copies === undefined) {
    return [words.remains(until && at(until))];
  }
  return ofEachCopy(wording, (copy) => {
    const found = copies[copy];
    const isLocked = found.until !== null && Date.parse(found.until) > Date.parse(issuedAt);
    return words.remainsIn(found, isLocked && found.until !== null ? at(found.until) : null);
  });
}
