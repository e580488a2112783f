import { LocalAwsError } from '../gateway/service.ts';

/** What a rule's target gets: the event, a part of it, a constant, or a filled-in template. */
export interface TargetInput {
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
}

/** The JSON document sent to a target for an event. */
export function targetInputOf(target: TargetInput, event: object): string {
  if (target.Input !== undefined) {
    return target.Input;
  }
  if (target.InputPath !== undefined) {
    return JSON.stringify(valueAt(target.InputPath, event) ?? null);
  }
  return target.InputTransformer === undefined
    ? JSON.stringify(event)
    : fillTemplate(target.InputTransformer, event);
}

function fillTemplate(
  transformer: NonNullable<TargetInput['InputTransformer']>,
  event: object,
): string {
  const values: Record<string, unknown> = { 'aws.events.event.json': event };
  for (const [name, path] of Object.entries(transformer.InputPathsMap ?? {})) {
    values[name] = valueAt(path, event);
  }
  return transformer.InputTemplate.replace(/("?)<([\w.-]+)>("?)/g, (whole, before, name, after) => {
    const value = values[name];
    if (value === undefined) {
      return whole;
    }
    // `"<x>"` stays one string; a bare `<x>` takes the value's JSON form.
    const quoted = before === '"' && after === '"';
    if (quoted) {
      return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value));
    }
    const inString = typeof value === 'string' ? JSON.stringify(value) : JSON.stringify(value);
    return before + inString + after;
  });
}

/** Follows `$.a.b[0]`; other JSONPath forms are refused. */
function valueAt(path: string, event: object): unknown {
  if (!/^\$(\.[\w-]+|\[\d+\])*$/.test(path)) {
    throw new LocalAwsError('ValidationException', 400, `local events read $.a.b[0]; got ${path}`);
  }
  let value: unknown = event;
  for (const [, name, index] of path.matchAll(/\.([\w-]+)|\[(\d+)\]/g)) {
    value = (value as Record<string, unknown> | undefined)?.[name ?? index ?? ''];
  }
  return value;
}
