/**
 * The findings of cdk-nag that stay, each with its reason. A finding that is not here fails the
 * synth; an entry that matches nothing fails it too.
 */
import type { Settings } from '../settings.ts';

export interface Acknowledgement {
  /** Matches the whole id of the finding, including what it found. */
  readonly finding: RegExp;
  /** Matches the path of the resource in the construct tree. */
  readonly at: RegExp;
  readonly reason: string;
}

/** Roles that reach vault keys. */
const KEY_ROLES = new RegExp(
  '^Service/(admin-(register|query|rebuild|govern|export)|(move|run|write)-|' +
    '\\w+-(snapshot|erasures|keys|tombstones|key-(event|policies))/|People/)',
);

/** Wildcards that no setting changes. */
const ALWAYS: readonly Acknowledgement[] = [
  {
    finding: /^AwsSolutions-S1$/,
    at: /^Copy(Primary|Secondary)\/Copy\/Bucket\/Resource$/,
    reason:
      'Access logs need a bucket that is not locked by default, and repeat what CloudTrail data ' +
      'events tell with identities. Turn data events on for the copies: docs/operations.md.',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/\*\]$/,
    at: KEY_ROLES,
    reason:
      'Vault keys are created at run time, so their ARNs are unknown here. Every statement ' +
      "excludes keys of others by the installation's tag, or all keys but one by its alias, and " +
      "a key's own policy names the roles.",
  },
  {
    finding:
      /^AwsSolutions-IAM5\[Resource::arn:aws[a-z-]*:s3:::[\w-]+\/(c\w+\/\*|vaults.*\.json)\]$/,
    at: /^Service\/(admin-(query|export)|\w+-(erasures|checkpoint|tombstones|proofs))\//,
    reason: 'Names of proofs hold ids and dates made at run time; nothing else is reached.',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    at: /^Service\/admin-register\/Role\/Resource$/,
    reason:
      'kms:CreateKey knows no resource. The statement allows only keys that are created with the ' +
      "installation's tag.",
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    at: /^Service\/Backup\/Role\/Resource$/,
    reason: 'The log delivery actions that Step Functions needs know no resource.',
  },
  {
    finding:
      /^AwsSolutions-IAM5\[Resource::arn:aws[a-z-]*:s3:::[\w-]+\/vaults\/\*(\/[a-z]+\/\*)?\]$/,
    at: /^Service\/(admin-(query|push|rebuild|govern)|(?!admin)[a-z]+-[a-z]+|People\/\w+)\//,
    reason: 'Object names hold ids made at run time; nothing outside vaults/ is reached.',
  },
  {
    finding:
      /^AwsSolutions-IAM5\[Resource::arn:aws[a-z-]*:execute-api:.*>\/\$default\/(GET|POST)\//,
    at: /^Service\/People\/(operator|supervisor|Reader|Writer)\/Resource$/,
    reason: 'Paths hold ids made at run time; method and route are named in full around them.',
  },
  {
    finding:
      /^AwsSolutions-IAM5\[Resource::arn:aws[a-z-]*:states:.*:execution:[a-z0-9-]+(\/\*)?:\*\]$/,
    at: /^Service\/Backup\/Role\/Resource$/,
    reason: 'Executions are named when they start; the state machine is named in full.',
  },
  {
    finding: /^AwsSolutions-SQS3$/,
    at: /^KeyEvents\/FailedEvents\/Resource$/,
    reason: 'It is the dead-letter queue of a rule of EventBridge, which the check does not know.',
  },
  {
    finding: /^AwsSolutions-SF2$/,
    at: /^Service\/Backup\/Machine\/Resource$/,
    reason:
      'X-Ray does not trace Lambda in China, and the log of every state transition shows what a ' +
      'trace would.',
  },
];

const SOURCES: Acknowledgement = {
  finding: /^AwsSolutions-IAM5\[Resource::arn:aws[a-z-]*:s3:::[a-z0-9.-]+\/\*\]$/,
  at: /^Service\/run-backup\/Role\/Resource$/,
  reason: 'A source is backed up whole, whatever its objects are called. Reading only.',
};

const TARGETS: Acknowledgement = {
  finding: SOURCES.finding,
  at: /^Service\/restore-snapshot\/Role\/Resource$/,
  reason: 'A restore writes records under the names they had, whatever those are.',
};

/** @returns what may be found in the stacks that these settings give. */
export function acknowledgements(settings: Settings): readonly Acknowledgement[] {
  return [
    ...ALWAYS,
    ...(settings.sourceBuckets.length > 0 ? [SOURCES] : []),
    ...(settings.restoreBuckets.length > 0 ? [TARGETS] : []),
  ];
}
