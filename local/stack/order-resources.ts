import { type Json, StackError, type Template } from './template.ts';

/**
 * The logical ids of a template's resources, each after those it refers to or depends on,
 * otherwise in the template's order.
 * @throws StackError when resources refer to each other in a circle.
 */
export function orderResources(template: Template): string[] {
  const resources = template.Resources ?? {};
  const ordered: string[] = [];
  const open = new Set<string>();
  const visit = (id: string): void => {
    const declaration = resources[id];
    if (declaration === undefined || ordered.includes(id)) return;
    if (open.has(id)) {
      throw new StackError(
        `resources refer to each other in a circle: ${[...open, id].join(' → ')}`,
      );
    }
    open.add(id);
    for (const name of [declaration.DependsOn ?? []].flat()) visit(name);
    for (const name of referencedNames(declaration.Properties ?? {})) visit(name);
    open.delete(id);
    ordered.push(id);
  };
  Object.keys(resources).forEach(visit);
  return ordered;
}

function referencedNames(value: Json): string[] {
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap(referencedNames);
  return Object.entries(value).flatMap(([key, field = null]) => {
    if (key === 'Ref') return [String(field)];
    if (key === 'Fn::GetAtt') {
      return [String(Array.isArray(field) ? field[0] : String(field).split('.')[0])];
    }
    if (key === 'Fn::Sub') {
      const template = String(Array.isArray(field) ? field[0] : field);
      const names = [...template.matchAll(/\$\{(?!!)([^}.]+)/g)].map((match) => match[1] ?? '');
      return [...names, ...referencedNames(Array.isArray(field) ? (field[1] ?? null) : null)];
    }
    return referencedNames(field);
  });
}
