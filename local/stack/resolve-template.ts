import { type Json, type JsonFields, StackError, type Template } from './template.ts';

/** What a created resource is known by inside its template. */
export interface CreatedResource {
  /** What `Ref` gives. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives, such as `Arn`. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Where a template is resolved. */
export interface TemplateScope {
  readonly template: Template;
  readonly stackName: string;
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  readonly resources: ReadonlyMap<string, CreatedResource>;
  /** Values that earlier stacks of the same account and Region exported. */
  readonly exports: ReadonlyMap<string, string>;
}

/** Stands for a property that `AWS::NoValue` removes. */
const NO_VALUE = Symbol('AWS::NoValue');

type Resolved = Json | typeof NO_VALUE;

/**
 * Resolves the intrinsic functions in a template's value.
 * @throws StackError for an unknown function, parameter, resource or attribute, naming it.
 */
export function resolveValue(value: Json, scope: TemplateScope): Json {
  const resolved = resolve(value, scope);
  return typeof resolved === 'symbol' ? null : resolved;
}

/** Evaluates a condition of the template by its name. */
export function evaluateCondition(name: string, scope: TemplateScope): boolean {
  const condition = scope.template.Conditions?.[name];
  if (condition === undefined) {
    throw new StackError(`${scope.stackName} has no condition ${name}`);
  }
  return resolve(condition, scope) === true;
}

function resolve(value: Json, scope: TemplateScope): Resolved {
  if (value === null || typeof value !== 'object') {
    return value;
  }
  if (isList(value)) {
    return value.map((item) => resolve(item, scope)).filter((item) => typeof item !== 'symbol');
  }
  const [name, ...others] = Object.keys(value);
  if (name !== undefined && others.length === 0 && isIntrinsic(name)) {
    return resolveIntrinsic(name, value[name] ?? null, scope);
  }
  const fields: Record<string, Json> = {};
  for (const [key, field] of Object.entries(value)) {
    const resolved = resolve(field ?? null, scope);
    if (typeof resolved !== 'symbol') fields[key] = resolved;
  }
  return fields;
}

function isIntrinsic(name: string): boolean {
  return name === 'Ref' || name === 'Condition' || name.startsWith('Fn::');
}

type Intrinsic = (argument: Json, scope: TemplateScope) => Resolved;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope) => reference(String(argument), scope),
  // In a policy document `Condition` is an ordinary field, never with a plain string in it.
  Condition: (argument, scope) =>
    typeof argument === 'string'
      ? evaluateCondition(argument, scope)
      : { Condition: resolveValue(argument, scope) },
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId = '', ...path] =
      typeof argument === 'string' ? argument.split('.') : texts(argument, scope);
    return attribute(logicalId, path.join('.'), scope);
  },
  'Fn::Join': (argument, scope) => {
    const [separator = '', items = []] = list(argument);
    return texts(items, scope).join(String(separator));
  },
  'Fn::Sub': (argument, scope) => substitute(argument, scope),
  'Fn::Select': (argument, scope) => {
    const [index, items = []] = list(argument);
    const value = list(resolveValue(items, scope))[Number(index)];
    if (value === undefined) throw new StackError(`Fn::Select has no item ${index}`);
    return value;
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text = ''] = list(argument);
    return String(resolveValue(text, scope)).split(String(separator));
  },
  'Fn::If': (argument, scope) => {
    const [condition, yes = null, no = null] = list(argument);
    return resolve(evaluateCondition(String(condition), scope) ? yes : no, scope);
  },
  'Fn::Equals': (argument, scope) => {
    const [left, right] = texts(argument, scope);
    return left === right;
  },
  'Fn::And': (argument, scope) => list(argument).every((item) => resolve(item, scope) === true),
  'Fn::Or': (argument, scope) => list(argument).some((item) => resolve(item, scope) === true),
  'Fn::Not': (argument, scope) => resolve(list(argument)[0] ?? null, scope) !== true,
  'Fn::FindInMap': (argument, scope) => {
    const [map = '', first = '', second = ''] = texts(argument, scope);
    const row = scope.template.Mappings?.[map]?.[first] as JsonFields | undefined;
    const value = row?.[second];
    if (value === undefined) {
      throw new StackError(`mapping ${map} has no ${first}.${second}`);
    }
    return value;
  },
  'Fn::ImportValue': (argument, scope) => {
    const name = String(resolveValue(argument, scope));
    const value = scope.exports.get(name);
    if (value === undefined) {
      throw new StackError(`no stack before ${scope.stackName} in ${scope.region} exports ${name}`);
    }
    return value;
  },
  'Fn::Base64': (argument, scope) =>
    Buffer.from(String(resolveValue(argument, scope))).toString('base64'),
};

function resolveIntrinsic(name: string, argument: Json, scope: TemplateScope): Resolved {
  const intrinsic = INTRINSICS[name];
  if (intrinsic === undefined) {
    const known = Object.keys(INTRINSICS).join(', ');
    throw new StackError(`local stack has no ${name}; it has: ${known}`);
  }
  return intrinsic(argument, scope);
}

function reference(name: string, scope: TemplateScope): Resolved {
  const place = `${scope.region}:${scope.accountId}`;
  const pseudo: Readonly<Record<string, Resolved>> = {
    'AWS::AccountId': scope.accountId,
    'AWS::Region': scope.region,
    'AWS::Partition': scope.partition,
    'AWS::StackName': scope.stackName,
    'AWS::StackId': `arn:${scope.partition}:cloudformation:${place}:stack/${scope.stackName}/local`,
    'AWS::URLSuffix': scope.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
    'AWS::NotificationARNs': [],
    'AWS::NoValue': NO_VALUE,
  };
  const value =
    pseudo[name] ?? scope.resources.get(name)?.ref ?? scope.template.Parameters?.[name]?.Default;
  if (value === undefined) {
    throw new StackError(`${scope.stackName} refers to ${name}, which has no value`);
  }
  return value;
}

function attribute(logicalId: string, name: string, scope: TemplateScope): string {
  const resource = scope.resources.get(logicalId);
  const value = resource?.attributes[name];
  if (value === undefined) {
    const known = Object.keys(resource?.attributes ?? {}).join(', ') || 'none';
    throw new StackError(
      `${scope.stackName}: ${logicalId} has no attribute ${name} here; it has: ${known}`,
    );
  }
  return value;
}

function substitute(argument: Json, scope: TemplateScope): string {
  const [template, variables = {}] = isList(argument) ? argument : [argument];
  return String(template).replace(/\$\{([^}]+)\}/g, (_whole, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    const own = (variables as JsonFields)[name];
    if (own !== undefined) return String(resolveValue(own, scope));
    const dot = name.indexOf('.');
    if (dot === -1) return String(resolveValue({ Ref: name }, scope));
    return attribute(name.slice(0, dot), name.slice(dot + 1), scope);
  });
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function list(value: Json): readonly Json[] {
  if (!isList(value)) throw new StackError(`expected a list, got ${JSON.stringify(value)}`);
  return value;
}

function texts(value: Json, scope: TemplateScope): string[] {
  return list(resolveValue(value, scope)).map(String);
}
