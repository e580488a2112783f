import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { CopyName } from '../../shared/domain/copy-name.ts';
import { KeyStore } from '../constructs/key-store.ts';
import { LockedBucket } from '../constructs/locked-bucket.ts';
import { copyDenials } from '../permissions/copy-policy.ts';
import type { Settings } from '../settings.ts';
import { HoldfastStack } from './holdfast-stack.ts';

/** One copy: the locked bucket of one Region, and the key store of the vaults that need one. */
export class CopyStack extends HoldfastStack {
  constructor(scope: Construct, id: string, props: { settings: Settings; copy: CopyName }) {
    const { settings, copy } = props;
    super(scope, id, {
      settings,
      place: copy,
      suffix: `copy-${copy}`,
      description: `Holdfast: the ${copy} copy`,
      stateful: true,
    });
    const { bucket } = new LockedBucket(this, 'Copy', {
      bucketName: this.names.bucket[copy],
      statements: copyDenials(copy, this.names, settings),
    });
    new KeyStore(this, 'Keys', { copy, names: this.names });
    new CfnOutput(this, 'BucketName', { value: bucket.bucketName });
  }
}
