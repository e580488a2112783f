/** A JSON value of a template before or after its intrinsic functions are resolved. */
export type Json = null | boolean | number | string | readonly Json[] | JsonFields;
export interface JsonFields {
  readonly [name: string]: Json | undefined;
}

/** A resource as a CloudFormation template declares it. */
export interface ResourceDeclaration {
  readonly Type: string;
  readonly Properties?: JsonFields;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
}

/** The sections of a CloudFormation template that are read here. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Default?: Json }>>;
  readonly Mappings?: Readonly<Record<string, JsonFields>>;
  readonly Conditions?: Readonly<Record<string, Json>>;
  readonly Resources?: Readonly<Record<string, ResourceDeclaration>>;
  readonly Outputs?: Readonly<
    Record<
      string,
      {
        readonly Value: Json;
        readonly Condition?: string;
        readonly Export?: { readonly Name: Json };
      }
    >
  >;
}

/** An assembly or template that the local stack cannot deploy. The message names the place. */
export class StackError extends Error {
  override readonly name = 'StackError';
}
