import { z } from 'zod';
import { HANDOVER_MODES } from '../domain/closing-records.ts';
import { COPY_NAMES } from '../domain/copy-name.ts';
import { KEY_TIERS } from '../domain/key-tier.ts';
import { MOST_CARRIED_PACKS } from '../domain/limits.ts';
import { localDateText } from '../domain/local-date.ts';
import { policyDocument } from '../domain/policy-document.ts';

/**
 * Bodies of the admin API. One schema gives the check, the type and the document. Unknown keys are
 * refused, so that a misspelt option is never silently ignored.
 */

const text = (max: number) => z.string().trim().min(1).max(max);
const ulid = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'is not an id');
const bucket = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not a bucket name');
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'is not a Region');
/** A prefix is empty or ends in a slash, so that `clients/1/` never matches `clients/10/`. */
const prefix = z
  .string()
  .max(900)
  .refine((value) => value === '' || value.endsWith('/'), 'must be empty or end in "/"');

export const addClientBody = z.strictObject({ name: text(200), reference: text(100) });

const policyVersion = z.int().min(1);

export const addVaultBody = z.strictObject({
  recordClass: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens'),
  policyId: text(100),
  /** Default: the newest version that may be given. */
  policyVersion: policyVersion.optional(),
  /** How its keys are kept. Default: `dedicated`. */
  tier: z.enum(KEY_TIERS).optional(),
  source: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('s3'), bucket, prefix, region: region.optional() }),
    z.strictObject({ kind: z.literal('folder') }),
  ]),
});

/** Which keys a vault is to have. */
export const moveVaultBody = z.strictObject({ tier: z.enum(KEY_TIERS) });

/** An empty object: a backup takes no options. */
export const runBackupBody = z.strictObject({});

const version = text(1024).nullable();

/** An object as a push has written it; `null` for a copy that did not answer. */
const storedObject = z.strictObject({
  size: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in lower-case hex'),
  versions: z
    .strictObject({ primary: version, secondary: version })
    .refine(({ primary, secondary }) => (primary ?? secondary) !== null, 'name no copy'),
});

/** Most packs one call records; with the vault they fit into one ledger transaction. */
const MOST_WRITTEN_PACKS = 32;

export const beginPushBody = z.strictObject({});

/** What a push that goes on reports; both lists may be empty. */
export const renewPushBody = z.strictObject({
  /** Packs that lie in the copies now. */
  written: z
    .array(storedObject.extend({ packId: ulid }))
    .max(MOST_WRITTEN_PACKS)
    .default([]),
  /** Ids of earlier packs that the new snapshot needs. */
  carried: z.array(ulid).max(MOST_CARRIED_PACKS).default([]),
});

/** A seal is read whole: this much names 200,000 packs. */
const MOST_SEAL_BYTES = 64 * 1024 * 1024;

export const commitPushBody = z.strictObject({
  seal: storedObject.extend({ size: z.int().min(1).max(MOST_SEAL_BYTES) }),
});

/** Why it was given up: the code of an error. */
export const abandonPushBody = z.strictObject({
  failure: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'is not the code of an error'),
});

export const requestRestoreBody = z.strictObject({
  snapshotId: ulid.optional(),
  patterns: z.array(text(1024)).max(100).default([]),
  from: z.enum([...COPY_NAMES, 'any']).default('any'),
  target: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('s3'), bucket, prefix, region: region.optional() }),
    z.strictObject({ kind: z.literal('folder') }),
  ]),
  overwrite: z.boolean().default(false),
});

export const requestSweepBody = z.strictObject({
  /** The caller has seen what would go, and wants it to, however much of the vault it is. */
  confirm: z.boolean().default(false),
});

export const requestVerificationBody = z.strictObject({
  depth: z.enum(['quick', 'deep']).default('quick'),
});

/** A policy as docs/retention.md describes it. */
export const addPolicyBody = z.strictObject({ document: policyDocument });
export const approvePolicyBody = z.strictObject({ version: policyVersion });
export const assignPolicyBody = z.strictObject({
  policyId: text(100),
  version: policyVersion.optional(),
});

export const requestErasureBody = z.strictObject({
  reason: text(1000),
  /** The latest date that starts the statutory clock of any record in the vault. */
  event: localDateText.optional(),
  contractEnded: z.boolean().default(false),
  returned: z.boolean().default(false),
  concerns: z.enum(['vault', 'part']).default('vault'),
});
export const approveErasureBody = z.strictObject({
  erasureId: ulid,
  /** Of the plan that the approver saw. */
  planHash: z.string().regex(/^[0-9a-f]{64}$/, 'is not the hash of a plan'),
});
export const cancelErasureBody = z.strictObject({ erasureId: ulid });
export const placeClientHoldBody = z.strictObject({ reason: text(1000), reference: text(200) });
/** Without a snapshot the whole vault is held. */
export const placeHoldBody = placeClientHoldBody.extend({ snapshotId: ulid.optional() });
export const requestReleaseBody = z.strictObject({ reason: text(1000) });
export const approveReleaseBody = z.strictObject({});

export const closeVaultBody = z.strictObject({
  disposition: z.enum(['retain', 'erase', 'hand-over']),
  /** The day of what ended the work for the client. */
  event: localDateText,
  /** The same day once more, when it lies more than a year before the last snapshot. */
  confirmedEvent: localDateText.optional(),
  /** A verification of the last snapshot, no older than a day. */
  verificationId: ulid,
  /** The last snapshot, when it is older than a final one may be without anybody saying so. */
  confirmedSnapshotId: ulid.optional(),
});
export const closeClientBody = z.strictObject({
  event: localDateText,
  /** Who keeps the client's books from then on. */
  custodian: text(200).optional(),
  /** What that custody rests on: no statute names anyone. */
  custodianBasis: text(200).optional(),
});
export const confirmHandoverBody = z
  .strictObject({
    /** The restore by which the records were given over. */
    restoreId: ulid,
    recipient: text(200),
    mode: z.enum(HANDOVER_MODES).default('return'),
    /** The firm's reference for the notice, the consent or the request that the mode asks for. */
    reference: text(200).optional(),
  })
  .refine(({ mode, reference }) => mode === 'return' || reference !== undefined, {
    error: 'must be given for every mode but "return"',
    path: ['reference'],
  });

export const rebuildLedgerBody = z.strictObject({
  /** The copy to believe. */
  from: z.enum(COPY_NAMES),
  dryRun: z.boolean().default(false),
  /** The vault that was looked at last. */
  after: ulid.optional(),
});

export type AddClientBody = z.infer<typeof addClientBody>;
export type AddVaultBody = z.infer<typeof addVaultBody>;
export type RequestRestoreBody = z.infer<typeof requestRestoreBody>;
export type RequestErasureBody = z.infer<typeof requestErasureBody>;
export type RenewPushBody = z.infer<typeof renewPushBody>;
export type CommitPushBody = z.infer<typeof commitPushBody>;
/** An empty object: it takes no options. */
export const reconcileLedgerBody = z.strictObject({});

export type RebuildLedgerBody = z.infer<typeof rebuildLedgerBody>;
export type CloseVaultBody = z.infer<typeof closeVaultBody>;
export type CloseClientBody = z.infer<typeof closeClientBody>;
export type ConfirmHandoverBody = z.infer<typeof confirmHandoverBody>;
export type PlaceHoldBody = z.infer<typeof placeHoldBody>;
export type PlaceClientHoldBody = z.infer<typeof placeClientHoldBody>;
export type RequestReleaseBody = z.infer<typeof requestReleaseBody>;
