import { describe, expect, test } from 'vitest';
import { OPERATOR_ROUTES, SUPERVISOR_ROUTES } from '../../infra/permissions/api-access.ts';

const [OPERATOR, SUPERVISOR] = [OPERATOR_ROUTES, SUPERVISOR_ROUTES];

describe('in a firm of one operator and one supervisor', () => {
  // Who approves has neither placed the hold nor asked for its release: it takes both.
  describe.each([
    ['operator', OPERATOR, SUPERVISOR],
    ['supervisor', SUPERVISOR, OPERATOR],
  ])('a hold that the %s has placed', (_who, placer, other) => {
    test('is released when they ask for it and the other one approves', () => {
      expect(placer).toEqual(expect.arrayContaining(['placeHold', 'requestRelease']));
      expect(other).toContain('approveRelease');
    });

    test('is released on a client in the same way', () => {
      expect(placer).toEqual(expect.arrayContaining(['placeClientHold', 'requestClientRelease']));
      expect(other).toContain('approveClientRelease');
    });
  });

  test('a client is closed, handed over and erased by both', () => {
    const closing = ['closeVault', 'closeClient', 'requestRestore'];
    expect(OPERATOR).toEqual(expect.arrayContaining(closing));
    expect(SUPERVISOR).toEqual(expect.arrayContaining(['confirmHandover', 'approveErasure']));
    expect(OPERATOR).not.toContain('confirmHandover');
    expect(OPERATOR).not.toContain('approveErasure');
    expect(SUPERVISOR.filter((route) => closing.includes(route))).toEqual([]);
  });
});
