import { countOf, grouped } from '../../domain/count-of.ts';
import type { LawRule } from '../../domain/erasure-records.ts';
import { LAW_RULES } from '../../domain/law-rules.ts';
import { describeTerm } from '../../domain/period.ts';
import type { PageWords } from './page-words.ts';

/** The English page. */
export const ENGLISH: PageWords = {
  lang: 'en',
  titles: {
    'keys-destroyed': 'Certificate of cryptographic erasure',
    'ciphertext-removed': 'Certificate of removal of erased ciphertext',
  },
  summary: ({ statement }) =>
    statement === 'keys-destroyed'
      ? 'Both encryption keys of the vault named below are destroyed. The ciphertext that they ' +
        'opened cannot be decrypted any more, in either Region. This is a technical measure that ' +
        'makes the data permanently unreadable, in support of its erasure.'
      : 'The ciphertext of the vault named below, whose keys were destroyed before, has been ' +
        'removed from both Regions. This continues the certificate named below.',
  sections: {
    what: 'What was erased',
    how: 'How',
    when: 'When',
    who: 'Who asked and who approved',
    evidence: 'Evidence and verification',
    law: 'Legal basis and statutory dates',
    remains: 'What remains',
    outOfScope: 'What this certificate does not cover',
    register: 'Entry for a register of destroyed archives',
    signatures: 'Signatures',
    check: 'How to check this page',
  },
  labels: {
    certificate: 'Certificate',
    issued: 'Issued',
    issuer: 'Installation',
    continues: 'Continues',
    client: 'Client (identifier)',
    vault: 'Vault',
    recordClass: 'Class of records (policy)',
    role: 'Kept as',
    opened: 'Vault opened',
    key: 'Key destroyed',
    formerKey: 'Key before the move, gone',
    objects: 'Objects in the ledger',
    objectList: 'SHA-256 of the list of objects',
    snapshots: 'Backups covered',
    media: 'Storage',
    technique: 'Method',
    tier: 'Key tier',
    message: 'Encryption',
    wrapping: 'Data keys wrapped with',
    keys: 'Origin of the keys',
    tool: 'Tool',
    standards: 'Standards',
    erasure: 'Erasure',
    requested: 'Requested',
    initiated: 'Brought about',
    approved: 'Approved',
    plan: 'SHA-256 of the approved plan',
    disabled: 'Keys disabled',
    grace: 'Grace until',
    due: 'Destruction due',
    destroyed: 'Key destroyed',
    decrypt: 'Decrypt tried afterwards',
    verified: 'Erasure complete',
    rule: 'Decided by',
    basis: 'Law',
    clock: 'Period counted from',
    keptUntil: 'End of the statutory period',
    statute: 'Statutory period',
    unconfirmed: 'Unconfirmed',
    ciphertext: 'Ciphertext',
    audit: 'Audit chain',
    payload: 'SHA-256 of the signed statement',
    signingKey: 'Signing key (RFC 7638)',
  },
  copies: { primary: 'primary', secondary: 'secondary' },
  roles: {
    controller: "the firm's own records (controller)",
    processor: 'records entrusted by the client (processor)',
  },
  rule: (rule) => LAW_RULES[rule as LawRule] ?? rule,
  restricted: (endedAt) =>
    'A statutory period was running at the approval: kept readable for nobody, and erased after ' +
    `it had ended, on ${endedAt}.`,
  counted: (event, startsOn) =>
    `event that starts the period: ${event}; first day that counts: ${startsOn}; stated by`,
  backups: (count, from, to) =>
    `${countOf(count, 'backup')}${from === null ? '' : `, from ${from} to ${to}`}`,
  objects: (count, bytes) => `${countOf(count, 'object')}, ${countOf(bytes, 'byte')}`,
  version: (id, version) => `${id}, version ${version}`,
  entries: (count) =>
    `${count === 1 ? '1 entry' : `${grouped(count)} entries`}, the last with the hash`,
  technique: 'cryptographic erase, at key level: destruction of the keys that wrap all data keys',
  tiers: {
    dedicated: 'dedicated: two keys of its own, one in each Region',
    'shared-root': 'shared-root: branch keys under a shared root key; a weaker proof',
  },
  acts: {
    closed: 'closed the vault',
    'handed-over': 'confirmed the handover',
    'policy-assigned': 'assigned a policy that asks to keep it shorter',
  },
  keys: ({ method }) => method.keys,
  standards: ({ method }) => method.standards,
  outOfScope: ({ outOfScope }) => Object.values(outOfScope),
  event: (id) => `AWS KMS reported DeleteKey, event ${id}`,
  absence: 'the event was not received; AWS KMS answers that it does not know the key',
  entryDeleted: 'its entry was deleted; read again afterwards, the key store has none',
  refused: (answer) => `refused: ${answer}`,
  remains: (until) =>
    until === null
      ? 'none of it is under a storage lock in either copy'
      : `remains in both copies, unreadable, at least until ${until}`,
  remainsIn: ({ versions, bytes, unlisted }, until) =>
    versions === 0
      ? 'nothing is stored'
      : `${countOf(versions, 'object version')}, ${countOf(bytes, 'byte')}, unreadable, ` +
        (versions === unlisted
          ? 'until when is unknown: the ledger knows none of them'
          : (until === null ? 'under no storage lock' : `at least until ${until}`) +
            (unlisted > 0 ? `; of ${unlisted} that the ledger does not know, it is unknown` : '')),
  removed: (at) => `removed from both copies; complete on ${at}`,
  period: (period) => {
    const [, number, unit] = /^P(\d+)([YMD])$/.exec(period) ?? [];
    const units = { Y: 'year', M: 'month', D: 'day' } as const;
    const readable = number && countOf(Number(number), units[unit as keyof typeof units]);
    return period === 'PERMANENT' ? 'permanent' : (readable ?? period);
  },
  graded: (text, confirmed) => {
    const mark = confirmed === undefined ? 'grade not stated' : `${confirmed.grade}, unconfirmed`;
    return confirmed?.unconfirmed === false ? text : `${text} (${mark})`;
  },
  unconfirmedMeans:
    'The text of the law was not seen (grade C: described elsewhere, U: assumed), or no law ' +
    'names the day on which the period starts. Have it confirmed before relying on it.',
  kept: describeTerm,
  sinceOpening: (days) => `${countOf(days, 'day')}, from the opening of the vault`,
  none: 'none',
  noPeriod: 'the law asks for none',
  unknown: 'not known: nobody stated the day that starts the period',
  register: [
    'Name',
    'Volume no.',
    'Pieces',
    'From – to',
    'Archive no.',
    'Retention period',
    'Time kept',
    'Destroyed on',
  ],
  signatories: [
    'Head of the unit',
    'Head of archives',
    'Head of accounting',
    'Head of information systems',
    'Handler, archives',
    'Handler, accounting',
    'Handler, information systems',
  ],
  signatureLine: 'Opinion, signature, date',
  signatureNote:
    'By hand, where a form asks for them. They are not part of the electronically signed statement.',
  witnesses: ['Witness, archives', 'Witness, accounting', 'Witness, information systems'],
  witnessing: ['Witness', 'Checked before: signature, date', 'Seen after: signature, date'],
  people: ['To be filled in', 'Performed by', 'Validated by'],
  personFields: ['Name', 'Title', 'Organization', 'Location', 'Phone', 'Signature and date'],
  check: [
    'This page shows the contents of a signed file. Only the file counts: verify it with the ' +
      "issuer's public key and compare the SHA-256 below.",
    'holdfast certificate verify FILE --key PUBLIC.pem, or with openssl alone, as the ' +
      'documentation describes under "Certificates". Neither needs a network.',
  ],
  staffNote:
    'Persons of the firm appear by account, role and a hash of their identity in AWS; the audit ' +
    'chain of the vault has the identity itself. Nothing on this page names a client, a file or ' +
    'the contents of a record.',
};
