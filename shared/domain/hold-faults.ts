import { fault } from './fault.ts';

/** What can go wrong with holds, and with closing a client. Part of the catalogue. */
export const HOLD_AND_CLOSING_FAULTS = {
  HOLD_UNKNOWN: fault<{ owner: string; holdId: string }>(
    'absent',
    (d) => `${d.owner} has no hold ${d.holdId} in force.`,
    'See "hold list".',
  ),
  DESTRUCTION_BEGUN: fault<{ vaultId: string; at: string }>(
    'refused',
    (d) => `The destruction of the keys of vault ${d.vaultId} has begun at ${d.at}.`,
    'A hold comes too late: nothing in this vault can be kept. See "erase status --vault ID".',
  ),
  OWN_HOLD: fault<{ holdId: string }>(
    'refused',
    (d) =>
      `The release of hold ${d.holdId} must be approved by someone other than who placed it ` +
      'and who asked for its release.',
    'Ask another person to approve it.',
  ),
  HOLD_ON_CLIENT: fault<{ vaultId: string; holdId: string }>(
    'refused',
    (d) => `Hold ${d.holdId} is on the client of vault ${d.vaultId}, not on this vault alone.`,
    'Release it for the whole client: "hold release --client ID".',
  ),
  RELEASE_NOT_REQUESTED: fault<{ holdId: string }>(
    'refused',
    (d) => `Nobody has asked for the release of hold ${d.holdId}.`,
    'Ask with "hold release"; then another person approves.',
  ),
  CLIENT_CLOSED: fault<{ clientId: string }>(
    'refused',
    (d) => `Client ${d.clientId} is closed and gets no new vault.`,
    'Register the client anew if the firm works for it again.',
  ),
  CLIENT_HAS_OPEN_VAULT: fault<{ clientId: string; vaultId: string; state: string }>(
    'refused',
    (d) =>
      `Client ${d.clientId} cannot be closed: its vault ${d.vaultId} is ${d.state} and was not ` +
      'closed.',
    'If it is ACTIVE, say what becomes of it: "--disposition VAULT=retain|erase|hand-over". Any ' +
      'other waits until its erasure has ended, or is called off with "erase cancel".',
  ),
  CLOSED_OTHERWISE: fault<{ what: string; event: string }>(
    'refused',
    (d) => `${d.what} was closed with the day ${d.event}; no later call changes that.`,
    'Give that day to go on. How a wrong day is put right: docs/retention.md, "A wrong day".',
  ),
  EVENT_IN_FUTURE: fault<{ event: string }>(
    'refused',
    (d) => `The day ${d.event} is still to come: nothing has ended on it yet.`,
    'Give the day on which the work ended, and close after it.',
  ),
  EVENT_LONG_AGO: fault<{ vaultId: string; event: string; lastSnapshotAt: string }>(
    'refused',
    (d) =>
      `The day ${d.event} lies more than a year before the last snapshot of vault ${d.vaultId}, ` +
      `of ${d.lastSnapshotAt}.`,
    'A day too early lets it be erased too early. If it is right, add "--confirm-dates".',
  ),
  POLICY_CONTRADICTS_CLOSING: fault<{ vaultId: string; rule: string; says: string }>(
    'refused',
    (d) =>
      `Vault ${d.vaultId} is retained, which this policy does not allow: ${d.says} (${d.rule}).`,
    'Assign a policy under which it may be retained or erased.',
  ),
  DISPOSITION_FORBIDDEN: fault<{
    vaultId: string;
    disposition: string;
    rule: string;
    says: string;
  }>(
    'refused',
    (d) => `Vault ${d.vaultId} cannot be closed with "${d.disposition}": ${d.says} (${d.rule}).`,
    'See "client close --dry-run" for what the law allows.',
  ),
  FINAL_SNAPSHOT_OLD: fault<{ vaultId: string; snapshotId: string }>(
    'refused',
    (d) =>
      `The last snapshot of vault ${d.vaultId}, ${d.snapshotId}, is too old to be its final one.`,
    'Back it up once more, or confirm that nothing came since: "--confirm VAULT=SNAPSHOT".',
  ),
  FINAL_SNAPSHOT_UNVERIFIED: fault<{ vaultId: string; snapshotId: string }>(
    'refused',
    (d) => `Snapshot ${d.snapshotId} of vault ${d.vaultId} was not verified in both copies today.`,
    'See "snapshot verify"; a copy that was down is completed by itself.',
  ),
  HANDOVER_NOT_DUE: fault<{ vaultId: string; state: string }>(
    'refused',
    (d) => `Vault ${d.vaultId} is ${d.state} and not waiting to be handed over.`,
    'Close it first: "client close CLIENT --disposition VAULT=hand-over".',
  ),
  OWN_HANDOVER: fault<{ vaultId: string }>(
    'refused',
    (d) =>
      `The handover of vault ${d.vaultId} must be confirmed by someone other than who closed ` +
      'the vault and who restored its records.',
    'Ask another person to confirm it.',
  ),
  HANDOVER_INCOMPLETE: fault<{ vaultId: string; restoreId: string }>(
    'refused',
    (d) => `Restore ${d.restoreId} did not give the whole final snapshot of vault ${d.vaultId}.`,
    'Restore the final snapshot without "--path" after closing, then confirm that restore.',
  ),
} as const;
