import { arnOf, nameOf, type ResourceCreator, textProperty } from '../resource-creator.ts';
import type { JsonFields } from '../template.ts';

/** Creates a Standard state machine from its definition, with `DefinitionSubstitutions` applied. */
export const createStateMachine: ResourceCreator = async (request) => {
  const { properties, region, services } = request;
  const name = nameOf(request, 'StateMachineName');
  const arn = arnOf(request, 'states', `stateMachine:${name}`);
  const substitutions = (properties.DefinitionSubstitutions ?? {}) as JsonFields;
  const text =
    properties.DefinitionString === undefined
      ? JSON.stringify(properties.Definition ?? {})
      : String(properties.DefinitionString);
  services.machines.create({
    arn,
    name,
    region,
    roleArn: textProperty(request, 'RoleArn'),
    definitionText: text.replace(/\$\{(\w+)\}/g, (whole, key: string) =>
      substitutions[key] === undefined ? whole : String(substitutions[key]),
    ),
  });
  return { ref: arn, attributes: { Arn: arn, Name: name } };
};
