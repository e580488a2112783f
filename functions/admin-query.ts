import { listHandover } from '../shared/closing/list-handover.ts';
import { planClosing } from '../shared/closing/plan-closing.ts';
import { explainPreset, RETENTION_PRESETS } from '../shared/domain/retention-preset.ts';
import { statementsOf } from '../shared/erasure/request-erasure.ts';
import { showPlan } from '../shared/erasure/show-plan.ts';
import type { Services } from '../shared/ports/services.ts';
import { listClients, listVaults, showClient } from '../shared/queries/list-clients.ts';
import { listClientHolds, listHolds } from '../shared/queries/list-holds.ts';
import { showAudit } from '../shared/queries/show-audit.ts';
import { showCheckpoint } from '../shared/queries/show-checkpoint.ts';
import { showPolicies, showPolicy, showPreset } from '../shared/queries/show-policy.ts';
import {
  showCertificate,
  showCertificates,
  showSigningKey,
} from '../shared/queries/show-proofs.ts';
import { showBackup, showRestore, showVerification } from '../shared/queries/show-run.ts';
import { listSnapshots, showSnapshot } from '../shared/queries/show-snapshot.ts';
import { showLastSweep, showSweep } from '../shared/queries/show-sweep.ts';
import { showErasure, showVault } from '../shared/queries/show-vault.ts';
import { showLedger } from '../shared/tombstone/reconcile-ledger.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { type AdminHandler, adminHandler } from './http/admin-handler.ts';

/** Left for what S3 is being asked when it begins, which may be repeated, and for the answer. */
const RESERVE_MS = 10_000;

/** Admin API: answers questions from the ledger, the copies and the key service. */
export function createHandler(services: Services): AdminHandler {
  return adminHandler('admin-query', services, (services, remainingMs) => ({
    listClients: async ({ query }) => listClients(services, query),
    listVaults: async ({ params }) => listVaults(services, params.clientId),
    showVault: async ({ params }) => showVault(services, params.vaultId),
    listPolicies: async () => showPolicies(services),
    showPolicy: async ({ params, query }) => showPolicy(services, params.policyId, query),
    listPresets: async () => ({ presets: RETENTION_PRESETS.map(explainPreset) }),
    showPreset: async ({ params }) => showPreset(params.presetId),
    showBackup: async ({ params }) => showBackup(services, params),
    listSnapshots: async ({ params }) => listSnapshots(services, params.vaultId),
    showSweep: async ({ params }) => showSweep(services, params.vaultId),
    showLastSweep: async ({ params }) => showLastSweep(services, params.vaultId),
    showSnapshot: async ({ params }) =>
      showSnapshot(services, params, () => remainingMs() > RESERVE_MS),
    showRestore: async ({ params }) => showRestore(services, params),
    showVerification: async ({ params }) => showVerification(services, params),
    planErasure: async ({ params, query }) =>
      showPlan(services, params.vaultId, statementsOf(query)),
    showErasure: async ({ params }) => showErasure(services, params.vaultId),
    listHolds: async ({ params }) => listHolds(services, params.vaultId),
    listClientHolds: async ({ params }) => listClientHolds(services, params.clientId),
    listCertificates: async ({ params }) => showCertificates(services, params.vaultId),
    showCertificate: async ({ params }) => showCertificate(services, params),
    showSigningKey: async () => showSigningKey(services),
    showClient: async ({ params }) => showClient(services, params.clientId),
    planClosing: async ({ params, query }) => planClosing(services, params.clientId, query.event),
    listHandover: async ({ params }) => listHandover(services, params.vaultId),
    showCheckpoint: async ({ params, query }) => showCheckpoint(services, params.chainId, query),
    showLedger: async () => showLedger(services),
    showAudit: async ({ params, query }) => showAudit(services, params.chainId, query),
  }));
}

export const handler = createHandler(awsServices());
