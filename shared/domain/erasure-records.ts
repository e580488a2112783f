import type { CitedLaw } from './cited-law.ts';
import type { PerCopy } from './copy-name.ts';
import type { PolicyPin } from './policy-records.ts';
import type { ErasureState, VaultState } from './states.ts';

/** The process of destroying a vault's keys, from request to evidence. */
export interface Erasure {
  readonly kind: 'erasure';
  readonly vaultId: string;
  readonly erasureId: string;
  readonly state: ErasureState;
  readonly reason: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly statements: ErasureStatements;
  /** What the law table said when the plan was made. */
  readonly decision: LawDecision;
  /** What is to be destroyed, as of the request; as of the last approval once it is approved. */
  readonly plan: ErasurePlan;
  /** Who approved which plan, each person once, each a second person (`isSecondPerson`). */
  readonly approvals: readonly Approval[];
  /** When as many people as the policy asks for had approved one and the same plan. */
  readonly approvedAt: string | null;
  /** Where the vault came from, and goes back to when the erasure is cancelled. */
  readonly vaultStateBefore: VaultState | null;
  readonly suspendedAt: string | null;
  /**
   * When the keys' deletion is scheduled: the end of the grace, or of the restriction if that is
   * later; `null` before the suspension, and for what is restricted for ever.
   */
  readonly graceUntil: string | null;
  /**
   * The key's deletion date in each Region; `null` unless the deletion is scheduled. When it was
   * called off with one key destroyed already, that one keeps its date; a key that somebody else
   * destroyed has none.
   */
  readonly deletionDates: PerCopy<string | null> | null;
  /** When it was written that the keys are now deleted, before they are, where Holdfast itself
   * deletes them; `null` where a service does. */
  readonly destroyingAt: string | null;
  /** What shows in each Region that the key is destroyed. */
  readonly evidence: PerCopy<DestructionEvidence | null>;
  /** Outcome of the decrypt tried in each Region after both. */
  readonly probes: PerCopy<ProbeResult | null>;
  readonly endedAt: string | null;
  /**
   * What the destroyed keys had opened, of what was there at the end; `null` before. Of what was
   * planned much may have gone in a restriction of years.
   */
  readonly inventory: Inventory | null;
  /** Who wants it cancelled; from its approval on it takes as many people as the erasure did. */
  readonly cancellations: readonly Signature[];
  /** The signed certificate of the destruction. */
  readonly certificateId: string | null;
  /** When nothing but the tombstone was left in either copy. */
  readonly ciphertextRemovedAt: string | null;
  /** The signed certificate of that removal. */
  readonly removalCertificateId: string | null;
}

/** What the requester states and no record shows; part of the plan that others approve. */
export interface ErasureStatements {
  /** Day such as `2025-03-10` that starts the statutory clock: the latest of all records. */
  readonly event: string | null;
  /** The contract with the client is over, or the consent that was the ground is withdrawn. */
  readonly contractEnded: boolean;
  /** The client has got its records back. */
  readonly returned: boolean;
  /** Whether the request is about everything in the vault. */
  readonly concerns: 'vault' | 'part';
}

/** Somebody's will, and when it was heard. */
export interface Signature {
  readonly by: string;
  readonly at: string;
}

/** What somebody did that leads to an erasure, besides asking for it. */
export interface Initiation extends Signature {
  /**
   * They closed the vault, confirmed that the client has its records, or assigned it a policy that
   * ends a duty to keep it, or ends it earlier.
   */
  readonly act: 'closed' | 'handed-over' | 'policy-assigned';
  /** Of an assigned policy. */
  readonly replaced?: ReplacedDuty;
}

/** What the law would say of a vault, had it not been assigned another policy. */
export interface ReplacedDuty extends Pick<LawDecision, 'rule' | 'basis' | 'until'> {
  readonly from: PolicyPin;
  readonly to: PolicyPin;
}

/** An approval of just the plan that was seen. */
export interface Approval extends Signature {
  readonly planHash: string;
}

/**
 * What the law says about a request to erase.
 * - `refuse`: a legal hold is in force
 * - `return-first`: the client's records must be given back before they are erased
 * - `restrict`: keep, readable for nobody, until a date, and erase then
 * - `erase`
 * - `keep`: nothing asks to erase it, or it cannot be shown
 */
export interface LawDecision {
  readonly outcome: 'refuse' | 'return-first' | 'restrict' | 'erase' | 'keep';
  /** The row of the law table that decided. */
  readonly rule: LawRule;
  /** Articles it rests on, such as `个人信息保护法 47(2)`; of several duties the deciding one first. */
  readonly basis: readonly CitedLaw[];
  /** End of the restriction; `null` when there is none, or when it never ends. */
  readonly until: string | null;
}

/** Rows of the law table, in words in `law-rules.ts`. */
export type LawRule =
  | 'held'
  | 'processor-return'
  | 'processor-erase'
  | 'statutory-period'
  | 'start-unknown'
  | 'consent-ended'
  | 'period-over'
  | 'part-of-file'
  | 'no-ground';

/** What an erasure destroys, keeps and restricts, before it does. */
export interface ErasurePlan extends Inventory {
  /** Lower-case hex SHA-256 over the plan, the decision and the request; see `plan-hash.ts`. */
  readonly hash: string;
  /** The keys that are destroyed, by name. */
  readonly keys: PerCopy<string>;
  /** Days in which the disabled keys can be enabled at once. */
  readonly graceDays: number;
  /** KMS's waiting period in days. */
  readonly windowDays: number;
  /** People who must approve, besides the one who asks. */
  readonly approvals: number;
  /** Whose acts led to it, the earliest first; the request itself is not among them. */
  readonly initiatedBy: readonly Initiation[];
}

/** The objects of a vault that the ledger knows. */
export interface Inventory {
  readonly snapshots: number;
  /** When the first and the last of them were taken; `null` when there is none. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly packs: number;
  /** Packs, manifest parts and seals, each once however many copies have it. */
  readonly objects: number;
  /** Their ciphertext bytes in one copy. */
  readonly bytes: number;
  /** Lower-case hex SHA-256 over the sorted list of objects; see `take-inventory.ts`. */
  readonly digest: string;
  /**
   * The latest end of a lock as locks stand now: until then ciphertext stays. Not part of the
   * hash: while keys can still be enabled, locks are renewed. `null` when there is no object.
   */
  readonly ciphertextUntil: string | null;
}

/** What shows that a key is destroyed. */
export type DestructionEvidence = EventEvidence | AbsenceEvidence | EntryEvidence;

/** CloudTrail's `DeleteKey`, the only positive proof. */
interface EventEvidence {
  readonly kind: 'event';
  readonly eventId: string;
  readonly eventTime: string;
  readonly region: string;
}

/** The event never came; long after its date the key service does not know the key. */
interface AbsenceEvidence {
  readonly kind: 'absence';
  readonly observedAt: string;
  readonly region: string;
  /** KMS's own date, after which it was waited in vain; `null` when Holdfast had set none. */
  readonly dueAt: string | null;
}

/** The branch key's entry was deleted, and is not in its Region's key store any more. */
interface EntryEvidence {
  readonly kind: 'entry-deleted';
  readonly observedAt: string;
  readonly region: string;
  /** The date it was scheduled for; `null` when it was not. */
  readonly dueAt: string | null;
}

export interface ProbeResult {
  readonly at: string;
  readonly outcome: 'opened' | 'refused';
  /** The error name KMS answered with. */
  readonly answer: string | null;
}
