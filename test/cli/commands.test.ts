import { describe, expect, test } from 'vitest';
import { HoldfastError } from '../../shared/domain/errors.ts';
import { BUILT_IN_POLICIES } from '../../shared/domain/policy.ts';
import { runAgainst } from './run-fixture.ts';
import {
  CLIENT,
  changedHold,
  client,
  clientHold,
  ERASURE,
  erasure,
  erasureStatus,
  HOLD,
  hold,
  plan,
  RUN,
  restore,
  run,
  SNAPSHOT,
  snapshot,
  VAULT,
  vault,
} from './sample-answers.ts';

describe('with --json', () => {
  const cases: [string, string[], unknown][] = [
    ['addClient', ['client', 'add', '--name', 'A', '--reference', 'B'], client()],
    ['listClients', ['client', 'list'], { clients: [client()], next: null }],
    ['listVaults', ['vault', 'list', '--client', CLIENT], { vaults: [] }],
    ['showVault', ['vault', 'show', VAULT], vault()],
    ['listPolicies', ['policy', 'list'], { policies: BUILT_IN_POLICIES }],
    ['runBackup', ['backup', 'run', '--vault', VAULT, '--no-wait'], run()],
    ['showBackup', ['backup', 'show', RUN, '--vault', VAULT], run()],
    ['listSnapshots', ['snapshot', 'list', '--vault', VAULT], { snapshots: [snapshot()] }],
    ['showSnapshot', ['snapshot', 'show', SNAPSHOT, '--vault', VAULT], snapshot()],
    ['showRestore', ['restore-status', RUN, '--vault', VAULT], restore()],
    ['requestErasure', ['erase', 'request', '--vault', VAULT, '--reason', 'R'], erasure()],
    ['planErasure', ['erase', 'plan', '--vault', VAULT], plan()],
    [
      'approveErasure',
      ['erase', 'approve', '--vault', VAULT, '--erasure', ERASURE, '--plan', 'a'.repeat(64)],
      erasure(),
    ],
    ['cancelErasure', ['erase', 'cancel', '--vault', VAULT, '--erasure', ERASURE], erasure()],
    ['showErasure', ['erase', 'status', '--vault', VAULT], erasureStatus()],
    [
      'placeHold',
      ['hold', 'place', '--vault', VAULT, '--reason', 'R', '--reference', 'X'],
      changedHold(),
    ],
    ['listHolds', ['hold', 'list', '--vault', VAULT], { holds: [hold()] }],
    [
      'requestRelease',
      ['hold', 'release', '--vault', VAULT, '--hold', HOLD, '--reason', 'R'],
      changedHold({
        releaseRequest: { by: 'somebody', at: '2026-11-02T08:00:00.000Z', reason: 'R' },
      }),
    ],
    [
      'approveRelease',
      ['hold', 'approve-release', '--vault', VAULT, '--hold', HOLD],
      changedHold(),
    ],
    [
      'placeClientHold',
      ['hold', 'place', '--client', CLIENT, '--reason', 'R', '--reference', 'X'],
      clientHold(),
    ],
    ['listClientHolds', ['hold', 'list', '--client', CLIENT], { holds: [clientHold()] }],
    [
      'requestClientRelease',
      ['hold', 'release', '--client', CLIENT, '--hold', HOLD, '--reason', 'R'],
      clientHold(),
    ],
    [
      'approveClientRelease',
      ['hold', 'approve-release', '--client', CLIENT, '--hold', HOLD],
      clientHold(),
    ],
    [
      'showAudit',
      ['audit', 'show', '--vault', VAULT],
      {
        entries: [],
        next: null,
        chain: { whole: true, entries: 0, head: '0'.repeat(64), brokenAt: null, problem: null },
      },
    ],
  ];

  test.each(cases)('%s prints exactly the answer of the API', async (route, args, answer) => {
    const ran = await runAgainst({ [route]: answer }, [...args, '--json']);
    expect(JSON.parse(ran.out)).toEqual(answer);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.calls.map((call) => call.route)).toEqual([route]);
  });

  test.each(cases)('%s also prints its answer as text', async (route, args, answer) => {
    const ran = await runAgainst({ [route]: answer }, args);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toMatch(/\n$/);
    expect(ran.out).not.toContain('undefined');
  });
});

describe('hold', () => {
  const why = ['--reason', 'R', '--reference', 'X'];

  test('place takes a snapshot of a vault', async () => {
    const scope = ['--vault', VAULT, '--snapshot', SNAPSHOT];
    const { calls } = await runAgainst({ placeHold: changedHold() }, [
      'hold',
      'place',
      ...scope,
      ...why,
    ]);
    expect(calls[0]?.input).toEqual({
      params: { vaultId: VAULT },
      body: { reason: 'R', reference: 'X', snapshotId: SNAPSHOT },
    });
  });

  test.each([
    ['nothing', []],
    ['both a client and a vault', ['--client', CLIENT, '--vault', VAULT]],
    ['a snapshot of a client', ['--client', CLIENT, '--snapshot', SNAPSHOT]],
  ])('place on %s is refused before anything is sent', async (_what, scope) => {
    const ran = await runAgainst({}, ['hold', 'place', ...scope, ...why]);
    expect(ran).toMatchObject({ code: 2, out: '', calls: [] });
    expect(ran.err).toContain('--client, or --vault');
  });

  test('release says who must approve it', async () => {
    const asked = changedHold({
      releaseRequest: { by: 'me', at: '2026-11-02T08:00:00.000Z', reason: 'R' },
    });
    const args = ['hold', 'release', '--vault', VAULT, '--hold', HOLD, '--reason', 'R'];
    const { out } = await runAgainst({ requestRelease: asked }, args);
    expect(out).toContain(`hold approve-release --vault ${VAULT} --hold ${HOLD}`);
  });
});

describe('after a change of a hold', () => {
  const RELEASED = { releasedAt: '2026-11-03T08:00:00.000Z', releasedBy: 'somebody' };
  const approve = (scope: string, id: string) => [
    ...['hold', 'approve-release', scope, id, '--hold', HOLD],
  ];

  test.each([
    [0, 'What was due meanwhile goes on by itself.'],
    [1, `under 1 other hold, and nothing of what they touch goes on: holdfast hold list`],
    [2, 'under 2 other holds'],
  ])('with %d others left it is told what goes on', async (vaultHolds, says) => {
    const approveRelease = changedHold({ ...RELEASED, vaultHolds });
    const { out } = await runAgainst({ approveRelease }, approve('--vault', VAULT));
    expect(out).toContain(says);
  });

  test('on a client, its vaults may have holds of their own', async () => {
    const approveClientRelease = clientHold(RELEASED);
    const { out } = await runAgainst({ approveClientRelease }, approve('--client', CLIENT));
    expect(out).toContain('goes on by itself in every vault that no other hold touches');
  });

  test('it is told that an erasure is suspended, and that its keys stay disabled', async () => {
    const place = ['hold', 'place', '--vault', VAULT, '--reason', 'R', '--reference', 'X'];
    const placeHold = changedHold({ erasureBegun: ERASURE });
    const { out } = await runAgainst({ placeHold }, place);
    expect(out).toContain(`Erasure ${ERASURE} is suspended; the keys stay disabled until`);
    const free = await runAgainst({ placeHold: changedHold() }, place);
    expect(free.out).not.toContain('suspended');
  });
});

describe('vault add', () => {
  const args = ['vault', 'add', '--client', CLIENT, '--class', 'books', '--policy', 'consent-only'];

  test('sends the source as bucket and prefix, with the slash that a prefix needs', async () => {
    const answering = { addVault: { ...vault(), holds: 0 } };
    const { calls } = await runAgainst(answering, [...args, '--source', 's3://firm/clients/1']);
    expect(calls[0]?.input).toEqual({
      params: { clientId: CLIENT },
      body: {
        recordClass: 'books',
        policyId: 'consent-only',
        tier: 'dedicated',
        source: { kind: 's3' as const, bucket: 'firm', prefix: 'clients/1/' },
      },
    });
  });

  test('refuses a source that is not in S3 before anything is sent', async () => {
    const ran = await runAgainst({}, [...args, '--source', '/home/records']);
    expect(ran).toMatchObject({ code: 2, out: '', calls: [] });
    expect(ran.err).toContain('s3://bucket/prefix/');
  });
});

describe('backup run', () => {
  const args = ['backup', 'run', '--vault', VAULT];

  test('waits until the run has ended and shows its snapshot', async () => {
    const done = run({ state: 'SUCCEEDED', snapshotId: SNAPSHOT });
    const ran = await runAgainst({ runBackup: run(), showBackup: [run(), run(), done] }, args);
    expect(ran.calls.map(({ route }) => route)).toEqual([
      'runBackup',
      'showBackup',
      'showBackup',
      'showBackup',
    ]);
    expect(ran.out).toContain(SNAPSHOT);
    expect(ran.err).toContain('under way');
    expect(ran.code).toBe(0);
  });

  test('ends with the exit code of what made the run fail, after showing the run', async () => {
    const failed = run({ state: 'FAILED', failure: 'SOURCE_DENIED' });
    const ran = await runAgainst({ runBackup: run(), showBackup: failed }, [...args, '--json']);
    expect(JSON.parse(ran.out)).toMatchObject({ state: 'FAILED' });
    expect(JSON.parse(ran.err)).toMatchObject({ error: 'SOURCE_DENIED' });
    expect(ran.code).toBe(5);
  });

  test('stops waiting at its limit and says where to look', async () => {
    const ran = await runAgainst({ runBackup: run(), showBackup: run() }, args);
    expect(ran.code).toBe(7);
    expect(ran.err).toContain(`holdfast backup show ${RUN} --vault ${VAULT}`);
  });
});

describe('restore', () => {
  const args = ['restore', '--vault', VAULT];

  test('to a file is refused before anything is asked for', async () => {
    const ran = await runAgainst({}, [...args, '--to', import.meta.filename]);
    expect(ran).toMatchObject({ code: 2, out: '', calls: [] });
    expect(ran.err).toContain('--to names a file');
  });

  test('to S3 sends what was asked, waits, and shows the end', async () => {
    const answering = {
      requestRestore: { restore: restore(), plan: null },
      showRestore: [restore(), restore({ state: 'SUCCEEDED', records: 2, bytes: 1536 })],
    };
    const ran = await runAgainst(answering, [
      ...args,
      ...['--path', 'a/**', '--path', 'b.pdf', '--from', 'secondary', '--snapshot', SNAPSHOT],
      ...['--to', 's3://back/here', '--overwrite'],
    ]);
    expect(ran.calls[0]?.input.body).toEqual({
      snapshotId: SNAPSHOT,
      patterns: ['a/**', 'b.pdf'],
      from: 'secondary',
      target: { kind: 's3', bucket: 'back', prefix: 'here/' },
      overwrite: true,
    });
    expect(ran.out).toContain('2 records, 1.5 KiB');
    expect(ran.code).toBe(0);
  });

  test('to a folder runs on this machine by the plan that the API answered', async () => {
    const answer = { restore: restore({ state: 'DELEGATED' }), plan: { some: 'plan' } };
    const wanted: unknown[] = [];
    const ran = await runAgainst({ requestRestore: answer }, [...args, '--to', '/x/y', '--json'], {
      restoreToFolder: async (...given) => {
        wanted.push(given[0], given[1].folder, given[1].patterns, given[1].overwrite);
        return { records: 3, bytes: 42 };
      },
    });
    expect(wanted).toEqual([answer, '/x/y', [], false]);
    expect(ran.calls[0]?.input.body).toMatchObject({ target: { kind: 'folder' } });
    expect(JSON.parse(ran.out)).toMatchObject({ folder: '/x/y', records: 3, bytes: 42 });
  });

  test('to a folder ends with 6 when an object is damaged', async () => {
    const damage = { copy: 'primary', object: 'pack 1', problem: 'it was cut off' } as const;
    const ran = await runAgainst(
      { requestRestore: { restore: restore(), plan: {} } },
      [...args, '--to', './here'],
      { restoreToFolder: () => Promise.reject(new HoldfastError('OBJECT_DAMAGED', damage)) },
    );
    expect(ran.code).toBe(6);
    expect(ran.err).toContain('pack 1 in the primary copy is damaged');
    expect(ran.out).toBe('');
  });
});

describe('erase status', () => {
  const begun = {
    state: 'SUSPENDED',
    approvals: [{ by: 'B', at: '2026-11-02T09:00:00.000Z', planHash: 'a'.repeat(64) }],
  } as const;
  const OTHER_HOLD = SNAPSHOT;

  async function shown(changes: Parameters<typeof erasureStatus>[0]): Promise<string> {
    const answer = erasureStatus(changes);
    return (await runAgainst({ showErasure: answer }, ['erase', 'status', '--vault', VAULT])).out;
  }

  test('tells what was stated, so that nobody approves without having seen it', async () => {
    const statements = { ...erasure().statements, event: '2015-12-31' };
    expect(await shown({ statements })).toContain('starts the period is 2015-12-31; the contract');
  });

  test('tells of a hold, and does not claim to go on by itself', async () => {
    const one = await shown({ ...begun, holds: [HOLD] });
    expect(one).toContain(`It is suspended while hold ${HOLD} is in force, and goes on after`);
    expect(one).not.toContain('by itself');
    const two = await shown({ ...begun, holds: [HOLD, OTHER_HOLD] });
    expect(two).toContain(`while holds ${HOLD}, ${OTHER_HOLD} are in force`);
    expect(await shown({ holds: [HOLD] })).toContain('It cannot be approved while hold');
    expect(await shown(begun)).toContain('It goes on by itself.');
  });

  test('tells how many people cancel it, and how many have', async () => {
    expect(await shown(begun)).toContain('To stop it, by 2 people: holdfast erase cancel');
    const cancellations = [{ by: 'A', at: '2026-11-02T10:00:00.000Z' }];
    const said = await shown({ ...begun, cancellations });
    expect(said).toContain('To be cancelled: 1 of 2 people; another must give the same command');
    expect(said).not.toContain('To stop it');
  });

  test('of an erased vault names its certificate, and how long the ciphertext stays', async () => {
    const { plan: inventory } = erasure();
    const erased = { state: 'ERASED', inventory } as const;
    expect(await shown(erased)).toContain(`to be issued: holdfast certificate list --vault`);
    const certified = await shown({ ...erased, certificateId: RUN });
    expect(certified).toContain('when its locks have ended: 2026-12-10T00:00:00Z.');
    expect(certified).toContain(`Next: holdfast certificate show ${RUN} --vault ${VAULT}`);
    const removed = await shown({
      ...{ ...erased, certificateId: RUN, removalCertificateId: SNAPSHOT },
      ciphertextRemovedAt: '2027-01-01T00:00:00.000Z',
    });
    expect(removed).toContain('removed from both copies, the last of it 2027-01-01T00:00:00Z.');
    expect(removed).toContain(`holdfast certificate show ${SNAPSHOT}`);
  });
});

describe('what a command finds out', () => {
  test('a request for erasure says who has to act next, and how', async () => {
    const { out } = await runAgainst({ requestErasure: erasure() }, [
      ...['erase', 'request', '--vault', VAULT, '--reason', 'R'],
    ]);
    expect(out).toContain(
      `and approves: holdfast erase approve --vault ${VAULT} --erasure ${ERASURE} --plan HASH`,
    );
  });

  test('a damaged snapshot is shown, and the command ends with 6', async () => {
    const answer = snapshot({ state: 'damaged' });
    const ran = await runAgainst({ showSnapshot: answer }, [
      ...['snapshot', 'show', SNAPSHOT, '--vault', VAULT, '--json'],
    ]);
    expect(JSON.parse(ran.out)).toMatchObject({ protection: { state: 'damaged' } });
    expect(JSON.parse(ran.err)).toMatchObject({ error: 'SNAPSHOT_DAMAGED' });
    expect(ran.code).toBe(6);
  });

  test('a broken audit chain is shown, and the command ends with 6', async () => {
    const chain = { whole: false, entries: 3, head: 'x', brokenAt: 2, problem: 'changed' };
    const ran = await runAgainst({ showAudit: { entries: [], next: null, chain } }, [
      ...['audit', 'show', '--vault', VAULT],
    ]);
    expect(ran.out).toContain('broken at entry 2');
    expect(ran.code).toBe(6);
  });

  test('audit show tells the request of an entry when it is asked to', async () => {
    const entry = {
      ...{ chainId: VAULT, sequence: 1, at: '2026-11-02T08:00:00.000Z', actor: 'A' },
      ...{ action: 'vault.registered', result: 'done', reason: null, requestId: 'request-7' },
      ...{ details: {}, previous: '0'.repeat(64), hash: '1'.repeat(64) },
    };
    const chain = { whole: true, entries: 1, head: 'x', brokenAt: null, problem: null };
    const answering = { showAudit: { entries: [entry], next: null, chain } };
    const args = ['audit', 'show', '--vault', VAULT];
    expect((await runAgainst(answering, [...args, '--wide'])).out).toContain('request-7');
    const short = await runAgainst(answering, args);
    expect(short.out).not.toContain('request-7');
    expect(short.out).toContain('The chain is whole: 1 entry.');
  });

  test('a page of clients that is not the last says how to see more', async () => {
    const page = { clients: [client()], next: CLIENT };
    const { out } = await runAgainst({ listClients: page }, ['client', 'list', '--limit', '1']);
    expect(out).toContain(`--after ${CLIENT}`);
  });
});
