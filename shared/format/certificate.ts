import { z } from 'zod';
import type { CertificateStatement } from '../domain/certificate-records.ts';
import { KEY_TIERS, type KeyTier } from '../domain/key-tier.ts';
import { GRADES } from '../domain/retention-preset.ts';
import { isSecondPerson } from '../domain/second-person.ts';
import { isTimeZone } from '../domain/time-zone.ts';

/**
 * What a certificate states (format.md 8.3, 8.4). Every field is an id, an ARN, a date, a number, a
 * hash or a word of a fixed list, so that nothing typed about a client, a vault or a request, and
 * no name of a client or a record, can get in. The only texts are citations of laws, from the
 * presets or from a rule that the firm wrote into its policy, and this file's own sentences.
 */

const ulid = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
const instant = z.iso.datetime();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/);
const bucket = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);
const timeZone = z.string().refine(isTimeZone);
const word = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);
const arn = z.string().regex(/^arn:[a-z-]+:(iam|sts)::\d{12}:\S{1,600}$/);
/** Who acted: a person of the firm under a pseudonym, or a function of Holdfast. */
const actor = z.union([arn, z.string().regex(/^holdfast:[a-z-]+$/)]);
const kmsKey = z.string().regex(/^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-f-]{36}$/);
/** A branch key: the ARN of its table, and its id there. */
const branchKey = z
  .string()
  .regex(/^arn:[a-z-]+:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w.-]{3,255}\/key-[0-9A-Za-z-]{1,100}$/);
const citation = z.string().min(1).max(300);
/** One of this file's own, in the wording of the version that issued the certificate. */
const sentence = z.string().min(10).max(500);
const count = z.int().min(0);
const period = z.string().max(20);
/** How well a law or a period is confirmed; unconfirmed also when no law names the start. */
const confirmed = { grade: z.enum(GRADES), unconfirmed: z.boolean() };
const citedLaw = z.object({ article: citation, ...confirmed });

const snapshots = z.object({
  count,
  firstAt: instant.nullable(),
  lastAt: instant.nullable(),
});

const objects = z.object({ count, bytes: count, sha256 });

const perCopy = <Schema extends z.ZodType>(schema: Schema) =>
  z.object({ primary: schema, secondary: schema });

/** What is never covered. Always all of them: a certificate that leaves one out is malformed. */
export const OUT_OF_SCOPE = {
  source: 'Records at their source, and wherever else the firm keeps them, are not touched.',
  copies: 'What was restored, exported, handed over, downloaded or printed before is not covered.',
  ciphertext:
    'The ciphertext itself is not destroyed by destroying keys. What of it is stored is stated ' +
    'with the storage locks that keep it; it stays, unreadable, until it is removed.',
  metadata:
    'Sizes, counts, dates and hashes stay beside the ciphertext until it is removed, and the ' +
    "client's name and what was done stay in the firm's ledger.",
  memory:
    'What was running when the keys were disabled may have had data keys in its memory: a ' +
    "function for at most 15 minutes, a push or restore on the firm's own machine until it ended.",
  provider:
    'That key material is gone is what AWS KMS states in its event and its answers. Nobody ' +
    'outside AWS can inspect that.',
  otherVaults: 'Other vaults of the same client have keys of their own and are not covered.',
} as const;

/** Of the second certificate, when none of the vault's ciphertext is left. */
const CIPHERTEXT_REMOVED =
  "What was removed is all that was stored for the vault in the firm's two copies. What was " +
  'copied from there before, and what the storage provider keeps of deleted objects, is not ' +
  'covered.';

/** Of branch keys: the weaker proof, said in full. */
const PROVIDER_OF_ENTRIES =
  'No event of AWS shows the end of a branch key. What shows it is that its entry was deleted ' +
  'and was not there when the table was read afterwards, in each Region. What AWS keeps inside ' +
  'of a deleted entry nobody outside AWS can inspect, and the root key that wrapped it exists.';

/** Of a vault that had branch keys before it was moved to KMS keys. */
const PROVIDER_OF_MOVED =
  `${OUT_OF_SCOPE.provider} Before it was moved the vault had branch keys: no event of AWS shows ` +
  'their end, only that their entries were deleted and were not there afterwards. What was ' +
  'written under them may stay, unreadable, until its locks end.';

/**
 * @param wasMoved - whether a vault with KMS keys had branch keys before.
 * @returns what a certificate with a statement about keys of a tier does not cover.
 */
export function outOfScopeOf(
  statement: CertificateStatement,
  tier: KeyTier,
  wasMoved: boolean,
): Readonly<Record<OutOfScope, string>> {
  const ofMoved = wasMoved ? PROVIDER_OF_MOVED : OUT_OF_SCOPE.provider;
  return {
    ...OUT_OF_SCOPE,
    ciphertext: statement === 'keys-destroyed' ? OUT_OF_SCOPE.ciphertext : CIPHERTEXT_REMOVED,
    provider: tier === 'shared-root' ? PROVIDER_OF_ENTRIES : ofMoved,
  };
}

export type OutOfScope = keyof typeof OUT_OF_SCOPE;

/** All of them must be there; the wording is that of the version that issued the certificate. */
const outOfScope = z.object({
  source: sentence,
  copies: sentence,
  ciphertext: sentence,
  metadata: sentence,
  memory: sentence,
  provider: sentence,
  otherVaults: sentence,
} satisfies Record<OutOfScope, z.ZodType>);

/**
 * The `DeleteKey` event; or, when it was lost, that the key service does not know the key; or, of a
 * branch key, that its entry was deleted and is not there.
 */
const evidence = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('event'),
    region,
    eventId: z.string().regex(/^[\w-]{1,100}$/),
    at: instant,
  }),
  z.object({ kind: z.literal('absence'), region, at: instant }),
  z.object({ kind: z.literal('entry-deleted'), region, at: instant }),
]);

const probe = z.object({
  at: instant,
  /** A decrypt that succeeded has no place in a certificate. */
  outcome: z.literal('refused'),
  answer: z.string().regex(/^\w{1,100}$/),
});

const certificateSchema = z.object({
  format: z.literal(1),
  certificateId: ulid,
  /** When it was signed. */
  issuedAt: instant,
  /** The second certificate of an erasure says that the ciphertext is gone too. */
  statement: z.enum(['keys-destroyed', 'ciphertext-removed']),
  /** What the second certificate continues. */
  continues: z.object({ certificateId: ulid, payloadSha256: sha256 }).nullable(),
  issuer: z.object({
    installation: word,
    account: z.string().regex(/^\d{12}$/),
    tool: z.object({ name: z.literal('holdfast'), version: z.string().max(40) }),
  }),
  subject: z.object({
    clientId: ulid,
    vaultId: ulid,
    /** Whether the firm kept the records for itself or for its client. */
    role: z.enum(['controller', 'processor']),
    /**
     * It stands for the class of records. Days of the law are counted in its time zone; the first
     * certificates lack that, and are shown in UTC.
     */
    policy: z.object({ id: word, version: z.int().min(1), timeZone: timeZone.default('UTC') }),
    openedAt: instant,
    /** Those that were there when the keys were gone. */
    snapshots,
  }),
  media: perCopy(z.object({ region, bucket, lockMode: z.literal('COMPLIANCE') })),
  destroyed: z.object({
    keys: perCopy(z.union([kmsKey, branchKey])),
    /** The keys it had before it was moved to these, and when their entries were gone. */
    formerKeys: z.object({ keys: perCopy(branchKey), goneAt: instant }).optional(),
    /** Of the ciphertext in each copy that the keys had opened, and that was there at their end. */
    objects,
  }),
  method: z.object({
    technique: z.literal('cryptographic-erase'),
    tier: z.enum(KEY_TIERS),
    /** How the ciphertext was made, and how the data keys were wrapped. */
    message: sentence,
    wrapping: z.enum(['AES-256-GCM', 'SM4']),
    keys: sentence,
    standards: sentence,
  }),
  erasure: z
    .object({
      erasureId: ulid,
      requestedBy: actor,
      requestedAt: instant,
      /** Whose acts led to it besides. The first ones lack it. */
      initiatedBy: z
        .array(
          z.object({
            act: z.enum(['closed', 'handed-over', 'policy-assigned']),
            by: actor,
            at: instant,
          }),
        )
        .optional(),
      approvals: z.array(z.object({ by: actor, at: instant })).min(1),
      /** Hash of the plan that was approved. */
      planSha256: sha256,
      /** What there was when it was approved; until the end snapshots may have expired. */
      planned: z.object({ snapshots, objects }),
      suspendedAt: instant,
      graceUntil: instant,
      deletionDates: perCopy(instant),
      erasedAt: instant,
    })
    .refine(({ requestedBy, initiatedBy = [], approvals }) =>
      approvals.every(({ by }) => isSecondPerson(by, { requestedBy, initiatedBy })),
    ),
  legal: z.object({
    outcome: word,
    rule: word,
    basis: z.array(citation),
    /** End of the restriction that was decided, `null` when no period was running. */
    keptUntil: instant.nullable(),
    /**
     * The day that starts the statutory period, who stated it, the first day that counts, and
     * midnight after the last one. `null` when there is no period, or nobody stated the day.
     * The first ones lack it.
     */
    clock: z
      .object({ event: z.iso.date(), statedBy: actor, startsOn: z.iso.date(), endsAt: instant })
      .nullish(),
    /** The longest of the periods that laws set. */
    statute: z.strictObject({ period, basis: z.array(citation) }).nullable(),
    /** How well that is confirmed, and every duty, the longest first. The first ones lack it. */
    confirmation: z
      .object({
        basis: z.array(citedLaw),
        duties: z.array(z.object({ period, ...confirmed, basis: z.array(citedLaw) })),
      })
      .optional(),
  }),
  evidence: perCopy(evidence),
  probes: perCopy(probe),
  ciphertext: z.discriminatedUnion('state', [
    z.object({
      state: z.literal('remains-unreadable'),
      /** The latest of both copies. */
      until: instant.nullable(),
      /** What S3 lists in each copy (format.md 8.7). The first ones lack it. */
      copies: perCopy(
        z.object({ versions: count, bytes: count, unlisted: count, until: instant.nullable() }),
      ).optional(),
    }),
    z.object({ state: z.literal('removed'), removedAt: instant }),
  ]),
  outOfScope,
  /** The vault's audit chain as this certificate was begun. */
  audit: z.object({ entries: z.int().min(1), head: sha256 }),
});

export type Certificate = z.infer<typeof certificateSchema>;

/** @returns the bytes that are signed: the certificate's own order of fields, no white space. */
export function certificateBytes(certificate: Certificate): Buffer {
  return Buffer.from(JSON.stringify(certificate));
}

/** @returns the certificate, `undefined` when the bytes are none. */
export function parseCertificate(bytes: Uint8Array): Certificate | undefined {
  try {
    return certificateSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
