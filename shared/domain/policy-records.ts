import type { PolicyDocument } from './policy-document.ts';

/** Which version of which policy something stands under. */
export interface PolicyPin {
  readonly policyId: string;
  readonly policyVersion: number;
}

/** A policy that a vault had until somebody assigned it another. */
export interface ReplacedPolicy extends PolicyPin {
  readonly replacedBy: string;
  readonly replacedAt: string;
}

/**
 * A version of a policy that the firm wrote. Its document never changes; a changed mind is a new
 * version. Built-in policies are version 1 in code and have no record.
 */
export interface PolicyVersion {
  readonly kind: 'policy';
  readonly policyId: string;
  readonly version: number;
  readonly document: PolicyDocument;
  readonly createdAt: string;
  /** ARN of who added it. */
  readonly createdBy: string;
  /**
   * - `not-needed`: its locks never reach further than a year
   * - `awaited`: they do, and nobody but the author has seen it; no vault can be given it
   * - `given`: a second person approved it
   */
  readonly approval: 'not-needed' | 'awaited' | 'given';
  readonly approvedAt: string | null;
  readonly approvedBy: string | null;
}
