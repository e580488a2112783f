import type { JsonFields } from './template.ts';

/** A resource as it was deployed, with its properties resolved. */
export interface DeclaredResource {
  readonly type: string;
  readonly stackName: string;
  readonly region: string;
  readonly logicalId: string;
  readonly ref: string;
  readonly properties: JsonFields;
}

/**
 * Everything the templates declared. Kinds that do nothing here (roles, policies, alarms,
 * dashboards, log groups) exist only in this list.
 */
export class DeclaredResources {
  readonly #resources: DeclaredResource[] = [];

  add(resource: DeclaredResource): void {
    this.#resources.push(resource);
  }

  /** All resources whose type starts with a prefix such as `AWS::IAM::`. */
  ofType(prefix: string): DeclaredResource[] {
    return this.#resources.filter((resource) => resource.type.startsWith(prefix));
  }
}
