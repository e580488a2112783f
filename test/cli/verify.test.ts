import { describe, expect, test } from 'vitest';
import type { VerificationAnswer } from '../../shared/admin-api/answers.ts';
import { runAgainst } from './run-fixture.ts';
import { RUN, SNAPSHOT, snapshot, VAULT, vault } from './sample-answers.ts';

const AT = '2026-11-23T06:18:30.000Z';
const OBJECT = `vaults/${VAULT}/packs/${RUN}`;
const ARGS = ['snapshot', 'verify', SNAPSHOT, '--vault', VAULT];

function verification(changes: Partial<VerificationAnswer> = {}): VerificationAnswer {
  const counts = { objects: 3, bytes: 2048, records: 0, absent: 0 };
  return {
    vaultId: VAULT,
    verificationId: RUN,
    snapshotId: SNAPSHOT,
    depth: 'quick',
    requestedBy: 'arn:aws:iam::111122223333:user/operator',
    requestedAt: AT,
    state: 'RUNNING',
    endedAt: null,
    copies: { primary: counts, secondary: counts },
    findings: [],
    findingCount: 0,
    failure: null,
    position: null,
    ...changes,
  };
}

const started = verification();
const whole = verification({ state: 'SUCCEEDED', endedAt: AT });

describe('snapshot verify', () => {
  test('asks for a quick one, waits for its end, and shows what was looked at', async () => {
    const ran = await runAgainst(
      { requestVerification: started, showVerification: [started, whole] },
      ARGS,
    );
    expect(ran.calls[0]).toEqual({
      route: 'requestVerification',
      input: { params: { vaultId: VAULT, snapshotId: SNAPSHOT }, body: { depth: 'quick' } },
    });
    expect(ran.code).toBe(0);
    expect(ran.err).toContain('under way');
    expect(ran.out).toMatch(/COPY +OBJECTS ASKED +SIZE +RECORDS +NOT THERE YET +DAMAGED/);
    expect(ran.out).toMatch(/primary +3 +2\.0 KiB +- +0 +0/);
  });

  test('with --deep shows the records that were compared', async () => {
    const counts = { objects: 3, bytes: 2048, records: 7, absent: 0 };
    const deep = { ...whole, depth: 'deep', copies: { primary: counts, secondary: counts } };
    const ran = await runAgainst({ requestVerification: started, showVerification: deep }, [
      ...ARGS,
      '--deep',
    ]);
    expect(ran.calls[0]?.input.body).toEqual({ depth: 'deep' });
    expect(ran.out).toMatch(/secondary +3 +2\.0 KiB +7 +0 +0/);
  });

  test('names what is damaged, and ends with 6', async () => {
    const findings = [{ copy: 'secondary' as const, object: OBJECT, problem: 'altered' }];
    const damaged = verification({
      state: 'FAILED',
      failure: 'OBJECT_DAMAGED',
      findings,
      findingCount: 3,
    });
    const ran = await runAgainst({ requestVerification: started, showVerification: damaged }, ARGS);
    expect(ran.code).toBe(6);
    expect(ran.out).toContain(`secondary  ${OBJECT}  altered`);
    expect(ran.out).toContain('And 2 more findings.');
    expect(ran.err).toContain('OBJECT_DAMAGED');
  });

  test('ends with 7 when a copy did not answer', async () => {
    const silent = verification({ state: 'FAILED', failure: 'COPY_UNAVAILABLE' });
    const ran = await runAgainst({ requestVerification: started, showVerification: silent }, [
      ...ARGS,
      '--json',
    ]);
    expect(ran.code).toBe(7);
    expect(JSON.parse(ran.out)).toEqual(silent);
    expect(JSON.parse(ran.err)).toMatchObject({ error: 'COPY_UNAVAILABLE' });
  });

  test('shows an earlier one without starting another', async () => {
    const ran = await runAgainst({ showVerification: whole }, [...ARGS, '--show', RUN]);
    expect(ran.calls.map(({ route }) => route)).toEqual(['showVerification']);
    expect(ran.code).toBe(0);
  });

  test('returns at once when told to, and says how to look later', async () => {
    const ran = await runAgainst({ requestVerification: started, showVerification: started }, [
      ...ARGS,
      '--no-wait',
    ]);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.out).toContain(`holdfast ${ARGS.join(' ')} --show ${RUN}`);
  });
});

describe('snapshot list and show', () => {
  test('say which snapshots are kept no longer', async () => {
    const gone = { ...snapshot(), kept: { by: 'expired', until: AT, holds: 0 } };
    const list = { listSnapshots: { snapshots: [gone, snapshot()] } };
    const listed = await runAgainst(list, ['snapshot', 'list', '--vault', VAULT]);
    const states = listed.out.split('\n').map((line) => line.trim().split(/ {2,}/).at(-1));
    expect(states.slice(1, 3)).toEqual(['expired', 'protected']);
    const args = ['snapshot', 'show', SNAPSHOT, '--vault', VAULT];
    const shown = await runAgainst({ showSnapshot: gone }, args);
    expect(shown.out).toMatch(/expired +2026-11-23T\S+; it cannot be restored any more\n/);
  });
});

describe('what keeps a snapshot', () => {
  const END = '2036-11-01T16:00:00.000Z';

  test.each([
    [{ by: 'end', until: END }, '2036-11-01T16:00:00Z', /kept until +2036-11-01T16:00:00Z\n/],
    [{ by: 'final', until: END }, '16:00:00Z, final one', /kept +as the final one until 2036/],
    [{ by: 'final', until: null }, 'for ever, final one', /kept +as the final one for ever\n/],
    [{ by: 'hold', until: null, holds: 2 }, 'held by 2 holds', /as long as it is held by 2 holds/],
    [{ by: 'last', until: null }, 'another is made', /as the last one, until another/],
    [{ by: 'nothing', until: END }, '16:00:00Z, over', /kept until +2036-11-01T16:00:00Z, over/],
    [{ by: 'erased', until: END }, 'unreadable', /unreadable +its keys were destroyed, the vault/],
  ])('is told in the list and of one: %o', async (kept, cell, fact) => {
    const answer = { ...snapshot(), kept: { holds: 0, ...kept } };
    const list = { listSnapshots: { snapshots: [answer] } };
    expect((await runAgainst(list, ['snapshot', 'list', '--vault', VAULT])).out).toContain(cell);
    const args = ['snapshot', 'show', SNAPSHOT, '--vault', VAULT];
    expect((await runAgainst({ showSnapshot: answer }, args)).out).toMatch(fact);
  });

  test('what was erased is not called protected, nor damaged when it is removed', async () => {
    const kept = { by: 'erased', until: END, holds: 0 };
    const answer = { ...snapshot({ state: 'damaged' }), kept };
    const args = ['snapshot', 'show', SNAPSHOT, '--vault', VAULT];
    const { code, out } = await runAgainst({ showSnapshot: answer }, args);
    expect(code).toBe(0);
    expect(out).not.toContain('protect');
  });
});

describe('vault show', () => {
  test('says how much work is not backed up, and when that is more than was agreed', async () => {
    const kept = await runAgainst({ showVault: vault() }, ['vault', 'show', VAULT]);
    expect(kept.out).toMatch(/recovery point +12 h of work not backed up, at most 48 h allowed\n/);
    const recoveryPoint = { rpoHours: 48, ageHours: 60.5, exceededHours: 12.5 };
    const late = { ...vault(), recoveryPoint };
    const { out } = await runAgainst({ showVault: late }, ['vault', 'show', VAULT]);
    expect(out).toMatch(/60 h of work not backed up, at most 48 h allowed: 13 h too many\n/);
    const closed = { ...vault(), recoveryPoint: null };
    const answer = await runAgainst({ showVault: closed }, ['vault', 'show', VAULT]);
    expect(answer.out).not.toContain('recovery point');
  });

  test('says how the last drill ended, and when one passed last', async () => {
    const shown = async (changes: object) =>
      (await runAgainst({ showVault: { ...vault(), ...changes } }, ['vault', 'show', VAULT])).out;
    expect(await shown({})).not.toContain('last drill');
    const policy = { ...vault().policy, drillEveryDays: 30 };
    expect(await shown({ policy })).toMatch(/last drill +none yet\n/);
    const passed = { verificationId: RUN, startedAt: AT, state: 'SUCCEEDED', passedAt: AT };
    expect(await shown({ drill: passed })).toMatch(/last drill +passed, begun 2026-11-23T/);
    const failed = { ...passed, state: 'FAILED' };
    expect(await shown({ drill: failed })).toMatch(/FAILED, begun \S+, last passed 2026-11-23T/);
  });

  test('says of a vault that was never read that nothing is verified', async () => {
    const { out } = await runAgainst({ showVault: vault() }, ['vault', 'show', VAULT]);
    expect(out).toMatch(/verified +nothing yet/);
  });

  test('says how much was read and since when, as of when that was found out', async () => {
    const copies = {
      primary: { bytes: 4096, verifiedBytes: 2048, since: AT, damaged: 0 },
      secondary: { bytes: 4096, verifiedBytes: 0, since: null, damaged: 2 },
    };
    const answer = { ...vault(), verified: { at: AT, copies } };
    const { out } = await runAgainst({ showVault: answer }, ['vault', 'show', VAULT]);
    const at = '2026-11-23T06:18:30Z';
    expect(out).toContain(`2.0 KiB of 4.0 KiB read, all of it since ${at} (as of ${at})`);
    expect(out).toContain(`0 B of 4.0 KiB read, 2 objects damaged (as of ${at})`);
  });
});
