import { DefaultStackSynthesizer, type IStackSynthesizer, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { CopyName } from '../../shared/domain/copy-name.ts';
import { type Names, namesOf } from '../names.ts';
import type { Settings } from '../settings.ts';

export interface HoldfastStackProps {
  readonly settings: Settings;
  /** Region the stack lies in. */
  readonly place: CopyName;
  /** Last part of the stack's name: `holdfast-<installation>-<suffix>`. */
  readonly suffix: string;
  readonly description: string;
  /** Holds what must not be lost: the stack cannot be deleted by accident. */
  readonly stateful: boolean;
}

/** What all stacks share: an explicit place, a deterministic name, no exports, no look-ups. */
export class HoldfastStack extends Stack {
  readonly names: Names;

  constructor(scope: Construct, id: string, props: HoldfastStackProps) {
    const names = namesOf(props.settings);
    super(scope, id, {
      env: { account: props.settings.account, region: names.region[props.place] },
      stackName: `${names.prefix}-${props.suffix}`,
      description: props.description,
      terminationProtection: props.stateful,
      tags: { 'holdfast:installation': props.settings.installation },
      synthesizer: new DefaultStackSynthesizer({
        qualifier: props.settings.bootstrapQualifier,
        // The CDK command line checks the bootstrap version as well, before it deploys.
        generateBootstrapVersionRule: false,
      }) as IStackSynthesizer,
    });
    this.names = names;
  }
}
