import { describe, expect, test } from 'vitest';
import { checkRegionPair, ResidencyError, regionFacts } from '../../infra/residency.ts';
import { JURISDICTIONS, regionsOf } from '../../shared/domain/regions.ts';

const pair = (primaryRegion: string, secondaryRegion: string, ...residency: string[]) => ({
  primaryRegion,
  secondaryRegion,
  residency,
});

function problemOf(...args: Parameters<typeof pair>): ResidencyError {
  try {
    checkRegionPair(pair(...args));
  } catch (error) {
    if (error instanceof ResidencyError) return error;
    throw error;
  }
  throw new Error('the pair was accepted');
}

describe('a pair of Regions', () => {
  test.each([
    ['eu-central-1', 'eu-west-1', ['eu'], 'aws'],
    ['us-east-1', 'eu-west-1', ['us', 'eu'], 'aws'],
    ['cn-north-1', 'cn-northwest-1', ['cn'], 'aws-cn'],
    ['us-gov-east-1', 'us-gov-west-1', ['us'], 'aws-us-gov'],
  ])('%s and %s may be used within %j', (primary, secondary, residency, partition) => {
    expect(checkRegionPair(pair(primary, secondary, ...residency))).toBe(partition);
  });

  test('in one Region is refused, because its loss would take both copies', () => {
    const error = problemOf('eu-west-1', 'eu-west-1', 'eu');
    expect(error.problem).toBe('SAME_REGION');
    expect(error.message).toContain('the loss of one Region would take both');
  });

  test('across partitions is refused even if the residency allows both', () => {
    const error = problemOf('eu-west-1', 'cn-north-1', 'eu', 'cn');
    expect(error.problem).toBe('PARTITIONS_DIFFER');
    expect(error.message).toContain('eu-west-1 is in partition aws and cn-north-1 in aws-cn');
    expect(error.message).toContain('deploy one installation in each');
  });

  test('that leaves the residency is refused, and names Regions that would do', () => {
    const error = problemOf('eu-central-1', 'us-east-1', 'eu');
    expect(error.problem).toBe('OUTSIDE_RESIDENCY');
    expect(error.message).toContain('us-east-1 is in jurisdiction "us"');
    expect(error.message).toContain('eu-north-1');
    expect(error.message).not.toContain('eusc-de-east-1');
  });

  test.each(['eu-west-2', 'eu-central-2'])('treats %s as outside the EU', (region) => {
    expect(problemOf('eu-west-1', region, 'eu').problem).toBe('OUTSIDE_RESIDENCY');
  });

  test('with an unknown Region or jurisdiction is refused', () => {
    expect(problemOf('eu-west-1', 'eu-west-9', 'eu').problem).toBe('UNKNOWN_REGION');
    const error = problemOf('eu-west-1', 'eu-central-1', 'europe');
    expect(error.problem).toBe('UNKNOWN_JURISDICTION');
    expect(error.message).toContain(JURISDICTIONS.join(', '));
  });
});

test('every Region belongs to exactly one jurisdiction', () => {
  const regions = JURISDICTIONS.flatMap((name) => regionsOf(name));
  expect(new Set(regions).size).toBe(regions.length);
  expect(regions).toContain('ap-southeast-1');
  expect(regionFacts('cn-northwest-1')).toEqual({ partition: 'aws-cn', jurisdiction: 'cn' });
});
