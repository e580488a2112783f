import { z } from 'zod';
import { localDateText } from '../domain/local-date.ts';
import {
  abandonPushBody,
  addClientBody,
  addPolicyBody,
  addVaultBody,
  approveErasureBody,
  approvePolicyBody,
  approveReleaseBody,
  assignPolicyBody,
  beginPushBody,
  cancelErasureBody,
  closeClientBody,
  closeVaultBody,
  commitPushBody,
  confirmHandoverBody,
  moveVaultBody,
  placeClientHoldBody,
  placeHoldBody,
  rebuildLedgerBody,
  reconcileLedgerBody,
  renewPushBody,
  requestErasureBody,
  requestReleaseBody,
  requestRestoreBody,
  requestSweepBody,
  requestVerificationBody,
  runBackupBody,
} from './messages.ts';
import type { ROUTES, RouteName } from './routes.ts';

/** Largest page of a list that has pages, and the page given when none is asked for. */
export const PAGE_LIMIT = { most: 1000, default: 100 } as const;

const limit = z.coerce.number().int().min(1).max(PAGE_LIMIT.most).default(PAGE_LIMIT.default);

/** `true` or `false`. */
const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

/** Query of `listClients`: clients after an id, in order of registration. */
const clientPageQuery = z.strictObject({
  limit,
  after: z
    .string()
    .regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'is not an id')
    .optional(),
});

/** Query of `showAudit`: entries after a sequence number. */
const auditPageQuery = z.strictObject({
  limit,
  after: z.coerce.number().int().min(0).default(0),
});

/** Query of `showCheckpoint`, `exportAudit`: the last one up to a day, not the last of all. */
const checkpointQuery = z.strictObject({ date: localDateText.optional() });

/** Query of `showPolicy`: which version, and the date to count its periods from. */
const policyQuery = z.strictObject({
  version: z.coerce.number().int().min(1).optional(),
  event: localDateText.optional(),
});

/** Query of `planClosing`: the day of what ends the work for the client. */
const closingQuery = z.strictObject({ event: localDateText });
/** Query of `planErasure`: what a request would state. */
const planQuery = z.strictObject({
  event: localDateText.optional(),
  contractEnded: flag,
  returned: flag,
  concerns: z.enum(['vault', 'part']).default('vault'),
});

const noQuery = z.strictObject({});
/** A request without a body. */
const noBody = z.undefined();

/** What each route takes beside its path. Unknown fields and parameters are refused. */
export const ROUTE_INPUTS = {
  addClient: { body: addClientBody, query: noQuery },
  listClients: { body: noBody, query: clientPageQuery },
  addVault: { body: addVaultBody, query: noQuery },
  listVaults: { body: noBody, query: noQuery },
  showVault: { body: noBody, query: noQuery },
  moveVault: { body: moveVaultBody, query: noQuery },
  listPolicies: { body: noBody, query: noQuery },
  showPolicy: { body: noBody, query: policyQuery },
  addPolicy: { body: addPolicyBody, query: noQuery },
  approvePolicy: { body: approvePolicyBody, query: noQuery },
  assignPolicy: { body: assignPolicyBody, query: noQuery },
  listPresets: { body: noBody, query: noQuery },
  showPreset: { body: noBody, query: noQuery },
  runBackup: { body: runBackupBody, query: noQuery },
  showBackup: { body: noBody, query: noQuery },
  beginPush: { body: beginPushBody, query: noQuery },
  renewPush: { body: renewPushBody, query: noQuery },
  commitPush: { body: commitPushBody, query: noQuery },
  abandonPush: { body: abandonPushBody, query: noQuery },
  listSnapshots: { body: noBody, query: noQuery },
  showSnapshot: { body: noBody, query: noQuery },
  requestRestore: { body: requestRestoreBody, query: noQuery },
  showRestore: { body: noBody, query: noQuery },
  showSweep: { body: noBody, query: noQuery },
  showLastSweep: { body: noBody, query: noQuery },
  requestSweep: { body: requestSweepBody, query: noQuery },
  requestVerification: { body: requestVerificationBody, query: noQuery },
  showVerification: { body: noBody, query: noQuery },
  planErasure: { body: noBody, query: planQuery },
  requestErasure: { body: requestErasureBody, query: noQuery },
  approveErasure: { body: approveErasureBody, query: noQuery },
  cancelErasure: { body: cancelErasureBody, query: noQuery },
  showErasure: { body: noBody, query: noQuery },
  placeHold: { body: placeHoldBody, query: noQuery },
  listHolds: { body: noBody, query: noQuery },
  requestRelease: { body: requestReleaseBody, query: noQuery },
  approveRelease: { body: approveReleaseBody, query: noQuery },
  placeClientHold: { body: placeClientHoldBody, query: noQuery },
  listClientHolds: { body: noBody, query: noQuery },
  requestClientRelease: { body: requestReleaseBody, query: noQuery },
  approveClientRelease: { body: approveReleaseBody, query: noQuery },
  rebuildLedger: { body: rebuildLedgerBody, query: noQuery },
  showLedger: { body: noBody, query: noQuery },
  reconcileLedger: { body: reconcileLedgerBody, query: noQuery },
  listCertificates: { body: noBody, query: noQuery },
  showCertificate: { body: noBody, query: noQuery },
  showSigningKey: { body: noBody, query: noQuery },
  showClient: { body: noBody, query: noQuery },
  planClosing: { body: noBody, query: closingQuery },
  closeClient: { body: closeClientBody, query: noQuery },
  closeVault: { body: closeVaultBody, query: noQuery },
  listHandover: { body: noBody, query: noQuery },
  confirmHandover: { body: confirmHandoverBody, query: noQuery },
  showCheckpoint: { body: noBody, query: checkpointQuery },
  exportAudit: { body: noBody, query: checkpointQuery },
  showAudit: { body: noBody, query: auditPageQuery },
} as const satisfies Record<RouteName, { body: z.ZodType; query: z.ZodType }>;

/** A route's body and query after the check, defaults filled in. */
export type BodyOf<R extends RouteName> = z.output<(typeof ROUTE_INPUTS)[R]['body']>;
export type QueryOf<R extends RouteName> = z.output<(typeof ROUTE_INPUTS)[R]['query']>;

/** A route's body and query as a caller may give them. */
export type BodyInputOf<R extends RouteName> = z.input<(typeof ROUTE_INPUTS)[R]['body']>;
export type QueryInputOf<R extends RouteName> = {
  readonly [Name in keyof z.output<(typeof ROUTE_INPUTS)[R]['query']>]?: string | number;
};

/** Names of the ids in a route's path. */
type ParamNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamNames<Rest>
  : never;

/** The ids in a route's path, such as `{ vaultId }`. */
export type ParamsOf<R extends RouteName> = {
  readonly [Name in ParamNames<(typeof ROUTES)[R]['path']>]: string;
};
