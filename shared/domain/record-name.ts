import type { LedgerRecord } from './records.ts';

/** @returns how messages and logs name a record: its kind and ids, never a client's reference. */
export function recordName(record: LedgerRecord): string {
  switch (record.kind) {
    case 'client':
      return `client ${record.clientId}`;
    case 'client-reference':
      return `reference of client ${record.clientId}`;
    case 'vault':
      return `vault ${record.vaultId}`;
    case 'vault-class':
      return `record class "${record.recordClass}" of client ${record.clientId}`;
    case 'vault-key':
      return `${record.copy} key of vault ${record.vaultId}`;
    case 'snapshot':
      return `snapshot ${record.snapshotId}`;
    case 'pack':
      return `pack ${record.packId}`;
    case 'manifest-part':
      return `manifest part ${record.part} of snapshot ${record.snapshotId}`;
    case 'shard':
      return `shard ${record.shard} of snapshot ${record.snapshotId}`;
    case 'run':
      return `run ${record.runId}`;
    case 'restore':
      return `restore ${record.restoreId}`;
    case 'erasure':
      return `erasure ${record.erasureId}`;
    case 'hold':
    case 'client-hold':
      return `hold ${record.holdId}`;
    case 'handover':
      return `handover of vault ${record.vaultId}`;
    case 'legal-hold':
      return `legal hold of ${record.key}`;
    case 'moved-object':
      return `move of ${record.key}`;
    case 'key-event':
      return `key event of ${record.chainId}`;
    case 'verification':
      return `verification ${record.verificationId}`;
    case 'reading':
      return `reading of ${record.key}`;
    case 'coverage':
      return `coverage of vault ${record.vaultId}`;
    case 'protection':
      return `protection of vault ${record.vaultId}`;
    case 'certificate':
      return `certificate ${record.certificateId}`;
    case 'tombstone':
      return `tombstone of vault ${record.vaultId}`;
    case 'upkeep':
      return `upkeep of vault ${record.vaultId}`;
    case 'policy':
      return `version ${record.version} of policy ${record.policyId}`;
    case 'audit':
      return `audit entry ${record.sequence} of chain ${record.chainId}`;
    case 'installation':
      return "the installation's audit chain";
  }
}
