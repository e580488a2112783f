import type { CopyName } from './copy-name.ts';
import { countOf } from './count-of.ts';
import type { LawRule } from './erasure-records.ts';
import { fault } from './fault.ts';
import { HOLD_AND_CLOSING_FAULTS } from './hold-faults.ts';
import { LAW_RULES } from './law-rules.ts';
import { MOVE_FAULTS } from './move-faults.ts';

/** Whose key a fault is about. Key services know a key only by its own id. */
type KeyOwner = { readonly vaultId: string } | { readonly keyId: string };

function nameKeys(owner: KeyOwner): string {
  return 'vaultId' in owner ? `keys of vault ${owner.vaultId}` : `key ${owner.keyId}`;
}

/** Whose source a fault is about; before there is a vault, which bucket. */
type SourceOwner = { readonly vaultId: string } | { readonly bucket: string };

function nameSource(owner: SourceOwner): string {
  return 'vaultId' in owner ? `The source of vault ${owner.vaultId}` : `Bucket ${owner.bucket}`;
}

/** Every failure Holdfast can report. The sentence names ids, never a client or a record. */
export const FAULTS = {
  ...HOLD_AND_CLOSING_FAULTS,
  ...MOVE_FAULTS,
  INPUT_INVALID: fault<{ problems: string }>(
    'invalid',
    (d) => `The input is not valid: ${d.problems}.`,
    'Correct it and try again.',
  ),
  ID_INVALID: fault<{ what: string }>(
    'invalid',
    (d) => `The ${d.what} id given is not an id.`,
    'An id has 26 characters, digits and capital letters, as "list" commands print them.',
  ),
  CLIENT_UNKNOWN: fault<{ clientId: string }>(
    'absent',
    (d) => `There is no client ${d.clientId}.`,
    'See "client list".',
  ),
  VAULT_UNKNOWN: fault<{ vaultId: string }>(
    'absent',
    (d) => `There is no vault ${d.vaultId}.`,
    'See "vault list --client ID".',
  ),
  CHAIN_UNKNOWN: fault<{ chainId: string }>(
    'absent',
    (d) => `There is no vault and no client ${d.chainId}.`,
    'See "client list" and "vault list --client ID".',
  ),
  CHECKPOINT_UNKNOWN: fault<{ chainId: string; date: string }>(
    'absent',
    (d) => `No checkpoint up to ${d.date} covers the audit chain ${d.chainId}.`,
    'Name a later day, or none for the last checkpoint.',
  ),
  POLICY_UNKNOWN: fault<Record<string, never>>(
    'absent',
    () => 'There is no policy of that id and version.',
    'See "policy list".',
  ),
  POLICY_VERSION_TAKEN: fault<{ policyId: string; version: number; expected: number }>(
    'conflict',
    (d) => `The next version of policy ${d.policyId} is ${d.expected}, not ${d.version}.`,
    'Look at the versions with "policy list", and number the document anew.',
  ),
  POLICY_NOT_APPROVED: fault<{ policyId: string; version: number }>(
    'refused',
    (d) => `Version ${d.version} of policy ${d.policyId} locks for more than a year.`,
    'A second person must approve it first, with "policy approve".',
  ),
  OWN_POLICY: fault<{ policyId: string; version: number }>(
    'refused',
    (d) =>
      `Version ${d.version} of policy ${d.policyId} must be approved by someone other than who ` +
      'added it.',
    'Ask a second person to approve it.',
  ),
  LOCK_OVER_CAP: fault<{ policyId: string; version: number; days: number; maxLockDays: number }>(
    'refused',
    (d) =>
      `Version ${d.version} of policy ${d.policyId} locks objects for up to ${d.days} days; the ` +
      `copies of this installation accept ${d.maxLockDays} at most.`,
    'Shorten the horizon, or what a full lock keeps; or deploy with a larger "maxLockDays".',
  ),
  RESIDENCY_UNMET: fault<{
    policyId: string;
    version: number;
    residency: string;
    region: string;
  }>(
    'refused',
    (d) =>
      `Version ${d.version} of policy ${d.policyId} keeps data in "${d.residency}" only; a copy ` +
      `of this installation lies in ${d.region}.`,
    'Use an installation whose Regions both lie there, or another policy.',
  ),
  PRICES_UNKNOWN: fault<{ region: string }>(
    'absent',
    (d) => `There are no prices of ${d.region}.`,
    'Give them in a file with "--prices FILE"; docs/operations.md shows one.',
  ),
  CURRENCIES_DIFFER: fault<{ primary: string; secondary: string }>(
    'invalid',
    (d) => `The prices of ${d.primary} and ${d.secondary} are in different currencies.`,
    'Give both in one currency, in a file with "--prices FILE".',
  ),
  PRESET_UNKNOWN: fault<Record<string, never>>(
    'absent',
    () => 'There is no preset of that id.',
    'See "preset list".',
  ),
  SNAPSHOT_UNKNOWN: fault<{ vaultId: string; snapshotId: string }>(
    'absent',
    (d) => `Vault ${d.vaultId} has no snapshot ${d.snapshotId}.`,
    'See "snapshot list --vault ID".',
  ),
  NO_SNAPSHOT: fault<{ vaultId: string }>(
    'absent',
    (d) => `Vault ${d.vaultId} has no snapshot yet.`,
    'Run "backup run --vault ID" first.',
  ),
  RESTORE_UNKNOWN: fault<{ vaultId: string; restoreId: string }>(
    'absent',
    (d) => `Vault ${d.vaultId} has no restore ${d.restoreId}.`,
    'Ask for one with "restore".',
  ),
  RUN_UNKNOWN: fault<{ vaultId: string; runId: string }>(
    'absent',
    (d) => `Vault ${d.vaultId} has no backup run ${d.runId}.`,
    'Start one with "backup run".',
  ),
  VERIFICATION_UNKNOWN: fault<{ vaultId: string; verificationId: string }>(
    'absent',
    (d) => `Vault ${d.vaultId} has no verification ${d.verificationId}.`,
    'Ask for one with "snapshot verify".',
  ),
  VERIFICATION_STUCK: fault<{ verificationId: string }>(
    'unavailable',
    (d) => `Verification ${d.verificationId} could not read one object in the time it has.`,
    'Give the function verify-snapshot more memory, which makes it faster, and try again.',
  ),
  SNAPSHOT_EXPIRED: fault<{ vaultId: string; snapshotId: string; expiredAt: string }>(
    'absent',
    (d) => `Snapshot ${d.snapshotId} of vault ${d.vaultId} expired at ${d.expiredAt}.`,
    'Choose one that is kept: "snapshot list --vault ID".',
  ),
  SWEEP_STOPPED: fault<{ vaultId: string; why: string }>(
    'conflict',
    (d) => `The sweep of vault ${d.vaultId} removed nothing: ${d.why}.`,
    'See "vault sweep ID --dry-run", and "Sweep stopped" in docs/operations.md.',
  ),
  PASS_STUCK: fault<{ name: string }>(
    'unavailable',
    (d) => `The ${d.name} did nothing in all the time one invocation has.`,
    'Give its function more memory, which makes it faster, and start it again.',
  ),
  NO_ERASURE: fault<{ vaultId: string }>(
    'absent',
    (d) => `Nobody has asked to erase vault ${d.vaultId}.`,
    'See "erase plan --vault ID"; it is asked for with "erase request --vault ID".',
  ),
  ERASURE_UNKNOWN: fault<{ vaultId: string }>(
    'absent',
    (d) => `Vault ${d.vaultId} has no such erasure in progress.`,
    'See "erase status --vault ID"; a new one is asked for with "erase request --vault ID".',
  ),
  CERTIFICATE_UNKNOWN: fault<{ vaultId: string; certificateId: string }>(
    'absent',
    (d) => `Vault ${d.vaultId} has no certificate ${d.certificateId}.`,
    'See "certificate list --vault ID".',
  ),
  NOT_CERTIFIABLE: fault<{ vaultId: string; missing: string }>(
    'refused',
    (d) => `The erasure of vault ${d.vaultId} is not certified: ${d.missing}.`,
    'Nothing was signed. See "erase status --vault ID" and the runbook, "Erasure not certified".',
  ),
  NOTHING_MATCHES: fault<{ vaultId: string; snapshotId: string }>(
    'absent',
    (d) => `No record of snapshot ${d.snapshotId} matches the given patterns.`,
    'Patterns are matched against the whole path; "**" spans folders.',
  ),
  CLIENT_EXISTS: fault<{ clientId: string }>(
    'conflict',
    (d) => `A client with this reference is registered already, as ${d.clientId}.`,
    'Use the existing client, or another reference.',
  ),
  VAULT_EXISTS: fault<{ clientId: string; vaultId: string }>(
    'conflict',
    (d) => `Client ${d.clientId} has a vault of this record class already: ${d.vaultId}.`,
    'Use the existing vault, or another record class.',
  ),
  BACKUP_RUNNING: fault<{ vaultId: string; runId: string }>(
    'conflict',
    (d) => `A backup of vault ${d.vaultId} is under way (run ${d.runId}).`,
    'Wait until it has ended; an abandoned run gives way after 20 minutes.',
  ),
  ERASURE_UNDER_WAY: fault<{ vaultId: string; erasureId: string }>(
    'conflict',
    (d) => `An erasure of vault ${d.vaultId} was requested already (${d.erasureId}).`,
    'See "erase status --vault ID"; approve it, or cancel it first.',
  ),
  LEDGER_CONFLICT: fault<{ record: string }>(
    'conflict',
    (d) => `The ledger's ${d.record} was changed by someone else at the same moment.`,
    'Look at its present state and try again.',
  ),
  LEDGER_UNRECONCILED: fault<Record<string, never>>(
    'conflict',
    () => 'The ledger was restored, and may not know of erasures since then.',
    'Run "holdfast ledger reconcile"; see "When the ledger is lost" in docs/operations.md.',
  ),
  VAULT_NOT_ACTIVE: fault<{ vaultId: string; state: string }>(
    'refused',
    (d) => `Vault ${d.vaultId} is ${d.state}; it takes no backups.`,
    'Only ACTIVE vaults are backed up.',
  ),
  POLICY_FIXED: fault<{ vaultId: string; state: string }>(
    'refused',
    (d) => `Vault ${d.vaultId} is ${d.state}; it takes no other policy.`,
    'Only what an "erase cancel" brings back is given another policy again.',
  ),
  VAULT_HELD: fault<{ vaultId: string; holds: number }>(
    'refused',
    (d) => `Vault ${d.vaultId} is under ${countOf(d.holds, 'legal hold')} and cannot be erased.`,
    'See "hold list --vault ID"; two people lift a hold: "hold release", "hold approve-release".',
  ),
  VAULT_UNREADABLE: fault<{ vaultId: string; state: string }>(
    'refused',
    (d) => `Vault ${d.vaultId} is ${d.state}: its keys do not open anything any more.`,
    'Until its keys are destroyed "erase cancel" undoes it; of an ERASED one see "certificate list".',
  ),
  OWN_REQUEST: fault<{ erasureId: string }>(
    'refused',
    (d) =>
      `Erasure ${d.erasureId} must be approved by someone other than who requested it, or alone ` +
      'brought it about.',
    'Ask a second person to approve it; "erase plan" names those who brought it about.',
  ),
  ALREADY_APPROVED: fault<{ erasureId: string }>(
    'refused',
    (d) => `You have approved erasure ${d.erasureId} already.`,
    'Ask another person to approve it as well.',
  ),
  ERASURE_APPROVED: fault<{ erasureId: string; state: string }>(
    'refused',
    (d) => `Erasure ${d.erasureId} is approved already; it is ${d.state}.`,
    'Nobody else is asked for. See "erase status --vault ID".',
  ),
  PLAN_STALE: fault<{ vaultId: string; erasureId: string }>(
    'conflict',
    (d) => `The plan of erasure ${d.erasureId} of vault ${d.vaultId} is another one by now.`,
    'Look at it again with "erase plan --vault ID", and approve the plan you saw.',
  ),
  ERASURE_REFUSED: fault<{ vaultId: string; rule: LawRule; basis: string }>(
    'refused',
    (d) => `Vault ${d.vaultId} is not to be erased: ${LAW_RULES[d.rule]} (${d.basis})`,
    'See "erase plan --vault ID"; what no record shows is stated with the request.',
  ),
  ALREADY_CANCELLED_BY: fault<{ erasureId: string }>(
    'refused',
    (d) => `You have asked to cancel erasure ${d.erasureId} already.`,
    'It takes as many people as the erasure did; to stop it at once, "hold place".',
  ),
  TOO_LATE_TO_CANCEL: fault<{ vaultId: string }>(
    'refused',
    (d) => `A key of vault ${d.vaultId} is destroyed, or just being; it is too late to cancel.`,
    'See "erase status --vault ID" for the evidence.',
  ),
  TRANSITION_FORBIDDEN: fault<{ what: string; from: string; to: string }>(
    'refused',
    (d) => `${d.what} cannot go from ${d.from} to ${d.to}.`,
    'Look at its present state first.',
  ),
  SOURCE_IS_COPY: fault<{ vaultId: string }>(
    'refused',
    (d) => `The source of vault ${d.vaultId} is one of Holdfast's own copies.`,
    'Give the vault a bucket that holds the original records.',
  ),
  SOURCE_IS_FOLDER: fault<{ vaultId: string }>(
    'refused',
    (d) => `The source of vault ${d.vaultId} is a folder, which the pipeline cannot read.`,
    'Use "push DIR --vault ID" on the machine that has the folder.',
  ),
  SOURCE_NOT_FOLDER: fault<{ vaultId: string }>(
    'refused',
    (d) => `The source of vault ${d.vaultId} is an S3 prefix; no folder is pushed to it.`,
    'Use "backup run --vault ID", or open a vault with "vault add --source folder".',
  ),
  PUSH_UNKNOWN: fault<{ vaultId: string; runId: string }>(
    'absent',
    (d) => `Run ${d.runId} of vault ${d.vaultId} is not a push.`,
    'Begin one with "push DIR --vault ID".',
  ),
  PUSH_REFUSED: fault<{ runId: string; object: string; problem: string }>(
    'damaged',
    (d) => `What push ${d.runId} has written was refused: ${d.object} ${d.problem}.`,
    'Nothing was committed. Push again.',
  ),
  SOURCE_MISSING: fault<SourceOwner>(
    'absent',
    (d) => `${nameSource(d)} does not exist.`,
    'Check the name: "--source", or what "vault show ID" has.',
  ),
  SOURCE_DENIED: fault<SourceOwner>(
    'refused',
    (d) => `${nameSource(d)} may not be read.`,
    'List the bucket in the "sourceBuckets" setting, deploy, and check its bucket policy.',
  ),
  SOURCE_UNAVAILABLE: fault<SourceOwner>(
    'unavailable',
    (d) => `${nameSource(d)} did not answer.`,
    'The run is repeated by itself; look at the source if it goes on.',
  ),
  COPY_UNAVAILABLE: fault<{ copy: CopyName; object: string }>(
    'unavailable',
    (d) => `The ${d.copy} copy did not answer for ${d.object}.`,
    'It is tried again; see the AWS health page of that Region if it goes on.',
  ),
  COPY_DENIED: fault<{ copy: CopyName; object: string }>(
    'refused',
    (d) => `The ${d.copy} copy refused access to ${d.object}.`,
    'Check the role and the bucket policy of that copy.',
  ),
  OBJECT_MISSING: fault<{ copy: CopyName; object: string }>(
    'damaged',
    (d) => `The ${d.copy} copy has no ${d.object}.`,
    'Restore from the other copy with "--from", then look at why it is gone.',
  ),
  OBJECT_DAMAGED: fault<{ copy: CopyName; object: string; problem: string }>(
    'damaged',
    (d) => `${d.object} in the ${d.copy} copy is damaged: ${d.problem}.`,
    'Restore from the other copy with "--from".',
  ),
  OBJECT_LOCKED: fault<{ copy: CopyName; object: string }>(
    'refused',
    (d) => `${d.object} in the ${d.copy} copy is locked and cannot be deleted or shortened.`,
    'It can be removed after its lock has ended.',
  ),
  KEYS_UNAVAILABLE: fault<KeyOwner>(
    'unavailable',
    (d) => `The key service did not answer for the ${nameKeys(d)}.`,
    'It is tried again; see the AWS health page if it goes on.',
  ),
  KEYS_UNUSABLE: fault<KeyOwner & { states: string }>(
    'refused',
    (d) => `The ${nameKeys(d)} cannot be used: ${d.states}.`,
    'See "vault show ID".',
  ),
  SIGNING_UNAVAILABLE: fault<Record<string, never>>(
    'unavailable',
    () => 'The key that signs certificates could not be used.',
    'It is tried again; check its state and the role if it goes on.',
  ),
  SIGNATURE_INVALID: fault<{ problem: string }>(
    'damaged',
    (d) => `The signature does not hold: ${d.problem}.`,
    'Check that file and key belong together. If they do, the file is not what was signed.',
  ),
  LEDGER_UNAVAILABLE: fault<{ operation: string }>(
    'unavailable',
    (d) => `The ledger did not answer to ${d.operation}.`,
    'It is tried again; see the AWS health page if it goes on.',
  ),
  PIPELINE_UNAVAILABLE: fault<{ step: string }>(
    'unavailable',
    (d) => `The pipeline could not be reached to ${d.step}.`,
    'Nothing is lost: the schedule picks the work up, or try again.',
  ),
  TARGET_EXISTS: fault<{ count: number }>(
    'conflict',
    (d) => `The target has ${countOf(d.count, 'file')} of these already; none was changed.`,
    'Choose an empty target, or pass "--overwrite".',
  ),
  TARGET_UNWRITABLE: fault<{ reason: string }>(
    'refused',
    (d) => `The target cannot be written: ${d.reason}.`,
    'Check that the target exists, may be written and has room, then run the restore again.',
  ),
  TARGET_IS_COPY: fault<Record<string, never>>(
    'refused',
    () => `The target of a restore cannot be one of Holdfast's own copies.`,
    'Choose another bucket.',
  ),
  PATH_UNSAFE: fault<{ count: number }>(
    'refused',
    (d) => `The path of ${countOf(d.count, 'record')} would leave the target folder.`,
    'Restore them to an S3 prefix, where any key is harmless.',
  ),
  NOT_AUTHENTICATED: fault<Record<string, never>>(
    'refused',
    () => 'The caller of this request is not known.',
    'Sign the request with AWS credentials.',
  ),
} as const;

export type FaultCode = keyof typeof FAULTS;

export type FaultData<Code extends FaultCode> = Parameters<(typeof FAULTS)[Code]['says']>[0];
