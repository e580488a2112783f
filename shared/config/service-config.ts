import { z } from 'zod';
import { ENV, type EnvName } from './env-names.ts';

/** Where variables come from; `process.env` has this shape. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable of a function is missing or malformed: a mistake of the deployment. */
export class ConfigError extends Error {
  override readonly name = 'CONFIG_INVALID';
}

const name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits, hyphens');
const region = z.string().regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'must be a Region');
const arn = z.string().regex(/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$/, 'must be an ARN');
const word = z.string().regex(/^[\w.-]+$/, 'must be letters, digits, dots, hyphens, underscores');
const arns = z
  .string()
  .transform((list) => list.split(',').map((item) => item.trim()))
  .pipe(z.array(arn).min(1));

/** `SubjectPublicKeyInfo` in base64; a variable cannot be empty, so no keys are `none`. */
const publicKeys = z
  .string()
  .transform((list) => (list === 'none' ? [] : list.split(',')))
  .pipe(z.array(z.base64('must be public keys in base64')));

/** What each variable must look like, and the type it becomes. */
const VARIABLES = {
  [ENV.installation]: name,
  [ENV.primaryRegion]: region,
  [ENV.secondaryRegion]: region,
  [ENV.primaryBucket]: word,
  [ENV.secondaryBucket]: word,
  [ENV.ledgerTable]: word,
  [ENV.maxLockDays]: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'must be a number of days')
    .transform(Number),
  [ENV.maxSweepPercent]: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, 'must be a whole percentage')
    .transform(Number),
  [ENV.account]: z.string().regex(/^\d{12}$/, 'must be 12 digits'),
  [ENV.backupMachine]: arn,
  [ENV.shardRecords]: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'must be a number of records')
    .transform(Number),
  [ENV.eraserFunction]: word,
  [ENV.keyPolicyFunction]: word,
  [ENV.restorerFunction]: word,
  [ENV.confirmerFunction]: word,
  [ENV.certifierFunction]: word,
  [ENV.verifierFunction]: word,
  [ENV.comparerFunction]: word,
  [ENV.sweeperFunction]: word,
  [ENV.holderFunction]: word,
  [ENV.moverFunction]: word,
  [ENV.ownFunction]: word,
  [ENV.signingKey]: arn,
  [ENV.retiredSigningKeys]: publicKeys,
  [ENV.keyUserRoles]: arns,
  [ENV.keyReaderRoles]: arns,
  [ENV.keyEraserRole]: arn,
  [ENV.keyAdminRoles]: arns,
} as const satisfies Record<EnvName, z.ZodType>;

/** The values of the named variables, parsed. */
export type Config<Name extends EnvName> = {
  readonly [N in Name]: z.infer<(typeof VARIABLES)[N]>;
};

/**
 * Reads the variables one part of the wiring needs. Each function is given only what it uses, so
 * nothing is read before it is needed.
 *
 * @param names - values of `ENV`.
 * @param environment - default: the process's own; nothing else in a function reads it.
 * @throws ConfigError naming every variable that is missing or malformed, never its value.
 */
export function readConfig<const Name extends EnvName>(
  names: readonly Name[],
  environment: Environment = process.env,
): Config<Name> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const variable of names) {
    const value = environment[variable] ?? '';
    const parsed = VARIABLES[variable].safeParse(value);
    if (value === '') {
      problems.push(`${variable} is not set`);
    } else if (parsed.success) {
      values[variable] = parsed.data;
    } else {
      problems.push(`${variable} ${parsed.error.issues[0]?.message ?? 'is malformed'}`);
    }
  }
  if (problems.length > 0) {
    throw new ConfigError(`The environment of this function is wrong: ${problems.join('; ')}.`);
  }
  return values as Config<Name>;
}
