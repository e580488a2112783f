import { ENV, type EnvName } from '../shared/config/env-names.ts';
import { FUNCTION_PLANS, type FunctionName } from './function-plans.ts';
import type { Names } from './names.ts';
import { nodeOptions } from './node-options.ts';
import { KEY_ROLES } from './permissions/function-permissions.ts';
import type { Settings } from './settings.ts';

/** What every function is told: where it runs and where the copies and the ledger are. */
const FOR_ALL: readonly EnvName[] = [
  ENV.installation,
  ENV.primaryRegion,
  ENV.secondaryRegion,
  ENV.primaryBucket,
  ENV.secondaryBucket,
  ENV.ledgerTable,
  ENV.maxLockDays,
  ENV.maxSweepPercent,
];

/** @returns the environment of one function: what all get and what its plan names. */
export function functionEnvironment(
  name: FunctionName,
  names: Names,
  settings: Settings,
): Record<string, string> {
  const all = allVariables(name, names, settings);
  const { environment, size } = FUNCTION_PLANS[name];
  const wanted = [...FOR_ALL, ...environment].map((variable) => [variable, all[variable]]);
  return { ...Object.fromEntries(wanted), NODE_OPTIONS: nodeOptions(size) };
}

function allVariables(
  name: FunctionName,
  names: Names,
  settings: Settings,
): Readonly<Record<EnvName, string>> {
  const roles = (functions: readonly FunctionName[]): string[] =>
    functions.map((name) => names.roleArn(names.functionRole(name)));
  return {
    [ENV.installation]: settings.installation,
    [ENV.primaryRegion]: settings.primaryRegion,
    [ENV.secondaryRegion]: settings.secondaryRegion,
    [ENV.primaryBucket]: names.bucket.primary,
    [ENV.secondaryBucket]: names.bucket.secondary,
    [ENV.ledgerTable]: names.ledgerTable,
    [ENV.maxLockDays]: String(settings.maxLockDays),
    [ENV.maxSweepPercent]: String(settings.maxSweepPercent),
    [ENV.account]: settings.account,
    [ENV.backupMachine]: names.backupMachineArn,
    [ENV.shardRecords]: String(settings.shardRecords),
    [ENV.keyPolicyFunction]: names.functionName('restore-key-policies'),
    [ENV.eraserFunction]: names.functionName('advance-erasures'),
    [ENV.restorerFunction]: names.functionName('restore-snapshot'),
    [ENV.confirmerFunction]: names.functionName('confirm-erasures'),
    [ENV.certifierFunction]: names.functionName('certify-erasures'),
    [ENV.verifierFunction]: names.functionName('verify-snapshot'),
    [ENV.comparerFunction]: names.functionName('compare-tombstones'),
    [ENV.sweeperFunction]: names.functionName('sweep-copies'),
    [ENV.holderFunction]: names.functionName('apply-holds'),
    [ENV.moverFunction]: names.functionName('move-vaults'),
    [ENV.ownFunction]: names.functionName(name),
    [ENV.signingKey]: names.signingAliasArn,
    [ENV.retiredSigningKeys]: settings.retiredSigningKeys.join(',') || 'none',
    [ENV.keyUserRoles]: [...roles(KEY_ROLES.users), names.roleArn(names.writerRole)].join(','),
    [ENV.keyReaderRoles]: [...roles(KEY_ROLES.readers), names.roleArn(names.readerRole)].join(','),
    [ENV.keyEraserRole]: roles([KEY_ROLES.eraser]).join(','),
    [ENV.keyAdminRoles]: roles(KEY_ROLES.admins).join(','),
  };
}
