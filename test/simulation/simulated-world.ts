import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import { advanceErasure } from '../../shared/erasure/advance-erasure.ts';
import { recordKeyEvent } from '../../shared/erasure/record-key-event.ts';
import { restoreKeyPolicies } from '../../shared/erasure/restore-key-policies.ts';
import { applyVaultHolds } from '../../shared/holds/apply-vault-holds.ts';
import type { Services } from '../../shared/ports/services.ts';
import { verifySnapshot } from '../../shared/verify/verify-snapshot.ts';
import type { MemoryLedger } from '../support/memory-ledger.ts';
import { type MemoryServices, memoryServices } from '../support/memory-services.ts';
import { ExtensionLog } from './extension-log.ts';

export const SIMULATED_VERSION = '0.0.0';

/** An installation in memory whose ledger can be put back to an earlier moment. */
export interface SimulatedWorld {
  /** What lies behind the services; what is asked of it directly is counted nowhere. */
  readonly memory: MemoryServices;
  /** What the functions work with. */
  readonly services: Services;
  readonly extensions: ExtensionLog;
  readonly ledger: () => MemoryLedger;
  /** Gives the installation another ledger, as a point-in-time restore does. */
  readonly restoreLedger: (ledger: MemoryLedger) => void;
}

const ENDLESS = () => Number.POSITIVE_INFINITY;

/** @param start - where the clock stands at first. */
export function simulatedWorld(start: Date): SimulatedWorld {
  const memory = memoryServices(start);
  const extensions = new ExtensionLog();
  let ledger = memory.ledger;
  const services: Services = {
    ...memory.services,
    copies: extensions.watch(memory.copies),
    get ledger() {
      return ledger;
    },
  };
  memory.custody.onKeyEvent((event) => recordKeyEvent(services, event));
  memory.pipeline.wire({
    advanceErasure: (vaultId) => advanceErasure(services, vaultId),
    restoreKeys: (vaultId) => advanceErasure(services, vaultId, { restore: true }),
    restoreKeyPolicies: async (vaultId) => {
      await restoreKeyPolicies(services, vaultId);
    },
    holds: async (vaultId) => {
      await applyVaultHolds(services, vaultId, ENDLESS);
    },
    verification: async (vaultId, verificationId) => {
      await verifySnapshot(services, { vaultId, verificationId }, () => true);
    },
    certifyErasures: async () => {
      await certifyDueErasures(services, SIMULATED_VERSION);
    },
  });
  return {
    memory,
    services,
    extensions,
    ledger: () => ledger,
    restoreLedger: (restored) => {
      ledger = restored;
    },
  };
}
