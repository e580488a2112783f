import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Names, namesOf } from '../../infra/names.ts';
import { parseSettings, type Settings } from '../../infra/settings.ts';
import { synthesize } from '../../infra/synthesize.ts';

export type StackId =
  | 'CopyPrimary'
  | 'CopySecondary'
  | 'Ledger'
  | 'Service'
  | 'KeyEvents'
  | 'Watch';

/** A value in a template: CloudFormation's JSON is not typed. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into it with plain property access
export type Value = any;

export interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly Properties: Value;
  readonly DeletionPolicy?: string;
}

export interface Synthesized {
  readonly settings: Settings;
  readonly names: Names;
  /** Directory of the assembly. */
  readonly directory: string;
  /** All templates as one text. */
  readonly text: string;
  readonly stack: (id: StackId) => { region: string; terminationProtection: boolean };
  readonly outputs: (id: StackId) => Record<string, Value>;
  readonly resources: (id: StackId, type: string) => Resource[];
  /** The only resource of a type; throws when there is none or another. */
  readonly one: (id: StackId, type: string) => Resource;
  readonly remove: () => void;
}

const STACKS: readonly StackId[] = [
  'CopyPrimary',
  'CopySecondary',
  'Ledger',
  'Service',
  'KeyEvents',
  'Watch',
];

/** Synthesizes one of `infra/examples/` into a temporary directory. */
export function synthesizeExample(name: 'eu' | 'us-eu' | 'china'): Synthesized {
  const file = new URL(`../../infra/examples/${name}.json`, import.meta.url);
  const settings = parseSettings(JSON.parse(readFileSync(file, 'utf8')));
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-synth-'));
  const assembly = synthesize(settings, directory);
  const templates = new Map(
    STACKS.map((id) => [
      id,
      JSON.parse(readFileSync(join(directory, `${id}.template.json`), 'utf8')),
    ]),
  );
  const resources: Synthesized['resources'] = (id, type) =>
    Object.entries<Value>(templates.get(id).Resources)
      .map(([logicalId, resource]) => ({ id: logicalId, ...resource }))
      .filter((resource) => resource.Type === type);
  return {
    settings,
    names: namesOf(settings),
    directory,
    text: JSON.stringify([...templates.values()]),
    stack: (id) => {
      const artifact = assembly.getStackArtifact(id);
      return {
        region: artifact.environment.region,
        terminationProtection: artifact.terminationProtection === true,
      };
    },
    outputs: (id) => templates.get(id).Outputs ?? {},
    resources,
    one: (id, type) => {
      const [found, ...others] = resources(id, type);
      if (found === undefined || others.length > 0) {
        throw new Error(`${id} has ${found ? others.length + 1 : 0} resources of type ${type}`);
      }
      return found;
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** @returns a list, whether CloudFormation was given one value or many. */
export function listOf(value: Value): Value[] {
  return Array.isArray(value) ? value : [value];
}

/** Text of an `Fn::Join`, with `${LogicalId}` in place of what is known only at deployment. */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (value['Fn::Join']) return value['Fn::Join'][1].map(textOf).join('');
  return `\${${value.Ref ?? value['Fn::GetAtt'][0]}}`;
}

/** Whether an IAM pattern covers a text; `*` covers any characters, also slashes. */
export function covers(pattern: string, text: string): boolean {
  const literal = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`).test(text);
}

/** A role with its statements; `trust` says who may assume it. */
export interface Role {
  readonly name: string;
  readonly statements: Value[];
  readonly actions: string[];
  readonly trust: Value[];
}

/** @returns every role of an installation. */
export function rolesOf({ resources }: Synthesized): Role[] {
  return (['Service', 'KeyEvents', 'Watch', 'Ledger', 'CopyPrimary', 'CopySecondary'] as const)
    .flatMap((id) => resources(id, 'AWS::IAM::Role'))
    .map(({ Properties }) => {
      const statements = Properties.Policies.flatMap((policy: Value) =>
        listOf(policy.PolicyDocument.Statement),
      );
      return {
        name: Properties.RoleName,
        statements,
        actions: statements.flatMap((statement: Value) => listOf(statement.Action)),
        trust: listOf(Properties.AssumeRolePolicyDocument.Statement),
      };
    });
}
