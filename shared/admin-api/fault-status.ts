import type { FaultKind } from '../domain/errors.ts';

/**
 * HTTP status per kind of fault: the only place where these numbers stand. The functions answer
 * with it; the CLI reads answers that API Gateway itself gives, which name no fault, by it.
 */
export const FAULT_STATUS: Readonly<Record<FaultKind, number>> = {
  invalid: 400,
  refused: 403,
  absent: 404,
  conflict: 409,
  damaged: 422,
  unavailable: 503,
};

/** An answer to a request that did what it was asked. */
export const OK_STATUS = 200;

/** An error nobody foresaw. */
export const UNEXPECTED_STATUS = 500;

/**
 * @returns the kind of fault a status stands for, `undefined` when it stands for none. Statuses
 * that only API Gateway gives count as the nearest kind: unauthenticated (401), too large (413),
 * throttled (429), and its own failures to reach a function (502, 504).
 */
export function faultKindOf(status: number): FaultKind | undefined {
  const own = Object.entries(FAULT_STATUS).find(([, value]) => value === status);
  return (own?.[0] as FaultKind | undefined) ?? GATEWAY_STATUS[status];
}

const GATEWAY_STATUS: Readonly<Record<number, FaultKind>> = {
  401: 'refused',
  413: 'invalid',
  429: 'unavailable',
  502: 'unavailable',
  504: 'unavailable',
};
