/**
 * The admin API: one row per route. `infra/` declares the routes from it, `functions/` dispatch by
 * it, and the CLI builds its requests from it. `handler` names the file in `functions/`.
 */
export const ROUTES = {
  addClient: { method: 'POST', path: '/clients', handler: 'admin-register' },
  listClients: { method: 'GET', path: '/clients', handler: 'admin-query' },
  addVault: { method: 'POST', path: '/clients/{clientId}/vaults', handler: 'admin-register' },
  listVaults: { method: 'GET', path: '/clients/{clientId}/vaults', handler: 'admin-query' },
  showVault: { method: 'GET', path: '/vaults/{vaultId}', handler: 'admin-query' },
  moveVault: { method: 'POST', path: '/vaults/{vaultId}/move', handler: 'admin-register' },
  listPolicies: { method: 'GET', path: '/policies', handler: 'admin-query' },
  showPolicy: { method: 'GET', path: '/policies/{policyId}', handler: 'admin-query' },
  addPolicy: { method: 'POST', path: '/policies', handler: 'admin-govern' },
  approvePolicy: {
    method: 'POST',
    path: '/policies/{policyId}/approval',
    handler: 'admin-govern',
  },
  assignPolicy: { method: 'POST', path: '/vaults/{vaultId}/policy', handler: 'admin-govern' },
  listPresets: { method: 'GET', path: '/presets', handler: 'admin-query' },
  showPreset: { method: 'GET', path: '/presets/{presetId}', handler: 'admin-query' },
  runBackup: { method: 'POST', path: '/vaults/{vaultId}/backups', handler: 'admin-backup' },
  showBackup: { method: 'GET', path: '/vaults/{vaultId}/backups/{runId}', handler: 'admin-query' },
  beginPush: { method: 'POST', path: '/vaults/{vaultId}/pushes', handler: 'admin-push' },
  renewPush: {
    method: 'POST',
    path: '/vaults/{vaultId}/pushes/{runId}/renewal',
    handler: 'admin-push',
  },
  commitPush: {
    method: 'POST',
    path: '/vaults/{vaultId}/pushes/{runId}/commit',
    handler: 'admin-push',
  },
  abandonPush: {
    method: 'POST',
    path: '/vaults/{vaultId}/pushes/{runId}/abandonment',
    handler: 'admin-push',
  },
  listSnapshots: { method: 'GET', path: '/vaults/{vaultId}/snapshots', handler: 'admin-query' },
  showSnapshot: {
    method: 'GET',
    path: '/vaults/{vaultId}/snapshots/{snapshotId}',
    handler: 'admin-query',
  },
  requestRestore: { method: 'POST', path: '/vaults/{vaultId}/restores', handler: 'admin-restore' },
  showRestore: {
    method: 'GET',
    path: '/vaults/{vaultId}/restores/{restoreId}',
    handler: 'admin-query',
  },
  showSweep: { method: 'GET', path: '/vaults/{vaultId}/sweep', handler: 'admin-query' },
  showLastSweep: { method: 'GET', path: '/vaults/{vaultId}/sweep/last', handler: 'admin-query' },
  requestSweep: { method: 'POST', path: '/vaults/{vaultId}/sweep', handler: 'admin-govern' },
  requestVerification: {
    method: 'POST',
    path: '/vaults/{vaultId}/snapshots/{snapshotId}/verifications',
    handler: 'admin-verify',
  },
  showVerification: {
    method: 'GET',
    path: '/vaults/{vaultId}/snapshots/{snapshotId}/verifications/{verificationId}',
    handler: 'admin-query',
  },
  planErasure: { method: 'GET', path: '/vaults/{vaultId}/erasure/plan', handler: 'admin-query' },
  requestErasure: { method: 'POST', path: '/vaults/{vaultId}/erasure', handler: 'admin-govern' },
  approveErasure: {
    method: 'POST',
    path: '/vaults/{vaultId}/erasure/approval',
    handler: 'admin-govern',
  },
  cancelErasure: {
    method: 'POST',
    path: '/vaults/{vaultId}/erasure/cancellation',
    handler: 'admin-govern',
  },
  showErasure: { method: 'GET', path: '/vaults/{vaultId}/erasure', handler: 'admin-query' },
  placeHold: { method: 'POST', path: '/vaults/{vaultId}/holds', handler: 'admin-govern' },
  listHolds: { method: 'GET', path: '/vaults/{vaultId}/holds', handler: 'admin-query' },
  requestRelease: {
    method: 'POST',
    path: '/vaults/{vaultId}/holds/{holdId}/release',
    handler: 'admin-govern',
  },
  approveRelease: {
    method: 'POST',
    path: '/vaults/{vaultId}/holds/{holdId}/release/approval',
    handler: 'admin-govern',
  },
  placeClientHold: { method: 'POST', path: '/clients/{clientId}/holds', handler: 'admin-govern' },
  listClientHolds: { method: 'GET', path: '/clients/{clientId}/holds', handler: 'admin-query' },
  requestClientRelease: {
    method: 'POST',
    path: '/clients/{clientId}/holds/{holdId}/release',
    handler: 'admin-govern',
  },
  approveClientRelease: {
    method: 'POST',
    path: '/clients/{clientId}/holds/{holdId}/release/approval',
    handler: 'admin-govern',
  },
  rebuildLedger: { method: 'POST', path: '/ledger/rebuild', handler: 'admin-rebuild' },
  listCertificates: {
    method: 'GET',
    path: '/vaults/{vaultId}/certificates',
    handler: 'admin-query',
  },
  showCertificate: {
    method: 'GET',
    path: '/vaults/{vaultId}/certificates/{certificateId}',
    handler: 'admin-query',
  },
  showSigningKey: { method: 'GET', path: '/keys/signing', handler: 'admin-query' },
  showClient: { method: 'GET', path: '/clients/{clientId}', handler: 'admin-query' },
  planClosing: { method: 'GET', path: '/clients/{clientId}/closing', handler: 'admin-query' },
  closeClient: { method: 'POST', path: '/clients/{clientId}/closing', handler: 'admin-close' },
  closeVault: { method: 'POST', path: '/vaults/{vaultId}/closing', handler: 'admin-close' },
  listHandover: { method: 'GET', path: '/vaults/{vaultId}/handover', handler: 'admin-query' },
  confirmHandover: { method: 'POST', path: '/vaults/{vaultId}/handover', handler: 'admin-close' },
  showCheckpoint: {
    method: 'GET',
    path: '/audit/{chainId}/checkpoint',
    handler: 'admin-query',
  },
  showAudit: { method: 'GET', path: '/audit/{chainId}', handler: 'admin-query' },
} as const;

export type RouteName = keyof typeof ROUTES;
