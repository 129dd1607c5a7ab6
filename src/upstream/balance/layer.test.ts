import { expect, test, vi } from 'vitest';
import { LONG_WAIT } from '../../../test/support/processes/long-wait.ts';
import { type Balanced, balanced, memberAt, stands } from '../../../test/support/upstream/balanced.ts';
import { answer, restCall } from '../../../test/support/upstream/calls.ts';
import { UpstreamError } from '../../core/errors.ts';
import type { Answer, Call } from '../call.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { SupersededError } from '../hedge/layer.ts';
import { neverProcessed } from '../outcome.ts';

/** Calls that stay in flight until the test finishes them. */
const held = (over: Balanced) => {
  const open: { readonly call: Call; readonly host: string; readonly finish: (outcome: Answer | Error) => void }[] = [];
  const send = over.through(
    (call) =>
      new Promise((resolve, reject) =>
        open.push({
          call,
          host: call.endpoint?.url.host ?? 'nowhere',
          finish: (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)),
        }),
      ),
  );
  return { open, send, hosts: () => open.map(({ host }) => host) };
};

const failure = (sending: Promise<Answer>): Promise<unknown> =>
  sending.then(
    () => 'answered',
    (error: unknown) => error,
  );

test('the call is sent unchanged except for its endpoint', async () => {
  const member = memberAt('a');
  const call = restCall();
  const seen: Call[] = [];
  await balanced([member]).through(async (sent) => {
    seen.push(sent);
    return answer();
  })(call);
  expect(seen).toEqual([{ ...call, endpoint: member.endpoint, member, chosenAt: 0, inPanic: false }]);
  expect(call.endpoint).toBeNull();
});

test('an endpoint at its maximum receives no calls until one in flight has succeeded or failed', async () => {
  const over = balanced([memberAt('a', { max: 1 }), memberAt('b', { max: 2 })], { policy: 'round-robin' });
  const { open, send, hosts } = held(over);
  const calls = [1, 2, 3].map(() => send(restCall()));
  expect(hosts()).toEqual(['a', 'b', 'b']);

  open[0]?.finish(answer());
  await calls[0];
  const failing = send(restCall());
  expect(hosts().at(-1)).toBe('a');

  open[3]?.finish(new Error('reset'));
  await expect(failing).rejects.toThrow('reset');
  void send(restCall());
  expect(hosts().at(-1)).toBe('a');
});

test('with every endpoint at its maximum a call is refused immediately, reported, and not sent', async () => {
  const over = balanced([memberAt('a', { max: 2 })]);
  const { open, send } = held(over);
  void send(restCall());
  void send(restCall());
  const refused = await failure(send(restCall()));
  expect(refused).toBeInstanceOf(UpstreamError);
  expect(refused).toMatchObject({ code: 'SERVICE_UNAVAILABLE', reason: 'no endpoint: 1 full' });
  expect(neverProcessed(refused)).toBe(true);
  expect(open).toHaveLength(2);
  expect(over.events).toEqual([{ is: 'refusal', route: 'GET /things/{id}', reason: 'no-endpoint' }]);
});

test('an endpoint at its maximum moves calls to the next priority and does not cause panic', async () => {
  const over = balanced([memberAt('a', { max: 1 }), memberAt('backup', { priority: 9 })]);
  const { send, hosts, open } = held(over);
  for (let sent = 0; sent < 3; sent++) void send(restCall());
  expect(hosts()).toEqual(['a', 'backup', 'backup']);
  expect(open.map(({ call }) => call.inPanic)).toEqual([false, false, false]);
});

test('an upstream without endpoints refuses every call', async () => {
  const { open, send } = held(balanced([]));
  expect(await failure(send(restCall()))).toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    reason: 'no endpoint: none known',
  });
  expect(open).toEqual([]);
});

test('the refusal contains the states of the endpoints', async () => {
  const members = [
    memberAt('a', {}, stands('dead')),
    memberAt('b', {}, stands('dead')),
    memberAt('c', {}, stands('paused')),
    Object.assign(memberAt('d'), { draining: true }),
  ];
  const { send } = held(balanced(members));
  expect(await failure(send(restCall()))).toMatchObject({
    reason: 'no endpoint: 2 dead, 1 paused, 1 drained',
    retryAfterMs: null,
  });
});

test('with all endpoints paused, the refusal contains the time until the first pause ends', async () => {
  const paused = (host: string, opensForMs: number) =>
    memberAt(
      host,
      {},
      Object.assign(stands('paused'), {
        snapshot: () => [{ route: null, state: 'open' as const, failures: 0, opensForMs }],
      }),
    );
  const { send } = held(balanced([paused('a', 3_000), paused('b', 2_000)]));
  expect(await failure(send(restCall()))).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryAfterMs: 2_000 });
});

test('a call goes to an unvisited endpoint, or to a visited one if there is no other', async () => {
  const { send, hosts } = held(balanced([memberAt('a'), memberAt('b'), memberAt('backup', { priority: 1 })]));
  const visited = new Set<Endpoint>();
  for (let attempt = 1; attempt <= 4; attempt++) void send(restCall({ visited, attempt }));
  expect(new Set(hosts().slice(0, 2))).toEqual(new Set(['a', 'b']));
  expect(hosts()[2]).toBe('backup');
  expect(['a', 'b']).toContain(hosts()[3]);
  expect(visited.size).toBe(3);
});

test('a stream is in flight until it has ended, and its latency is the time to its first message', async () => {
  const member = memberAt('a');
  const over = balanced([member]);
  const { open, send } = held(over);
  const answered = send(restCall());
  over.clock.advance(20);
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  open[0]?.finish({ ...answer(), ended });
  await answered;
  expect(member.inFlight).toBe(1);
  over.clock.advance(60_000);
  end();
  await vi.waitUntil(() => member.inFlight === 0, LONG_WAIT);
  expect(member.latency.measured).toBe(20);
});

test('an attempt ended by its caller leaves the endpoint unchanged, whatever it fails with', async () => {
  const member = memberAt('a');
  const over = balanced([member]);
  const { open, send } = held(over);
  const controller = new AbortController();
  const call = restCall({ signal: controller.signal });
  const failing = failure(send(call));
  over.clock.advance(500);
  controller.abort(new Error('gone'));
  open[0]?.finish(new UpstreamError('TIMEOUT', call, 'the caller’s deadline'));
  await failing;
  expect([member.latency.penalty(over.clock.now()), member.inFlight]).toEqual([0, 0]);
});

test('an attempt beaten by a hedge raises the latency of its endpoint if it was slower, and never lowers it', async () => {
  const member = memberAt('a');
  const over = balanced([member]);
  const beatenAfter = async (ms: number) => {
    const { open, send } = held(over);
    const controller = new AbortController();
    const failing = failure(send(restCall({ signal: controller.signal })));
    over.clock.advance(ms);
    const superseded = new SupersededError('another one has answered');
    controller.abort(superseded);
    open[0]?.finish(superseded);
    await failing;
    return member.latency.measured;
  };
  expect(await beatenAfter(60)).toBe(60);
  expect(await beatenAfter(5)).toBe(60);
  expect(member.latency.penalty(over.clock.now())).toBe(0);
});

test('an attempt that exceeds its timeout is a failure', async () => {
  const member = memberAt('a');
  const over = balanced([member]);
  const { open, send } = held(over);
  const failing = failure(send(restCall()));
  over.clock.advance(500);
  open[0]?.finish(new UpstreamError('TIMEOUT', restCall(), 'no answer within 500 ms'));
  await failing;
  expect(member.latency.at(over.clock.now())).toBe(5_000);
});

test('an endpoint restarts with a slow start after its circuit was closed by an attempt', async () => {
  const circuits = stands('admitted', 0);
  const member = memberAt('a', {}, circuits);
  member.latency.observe(1, { is: 'failure' }, 0);
  const over = balanced([member]);
  over.clock.advance(1_000);
  await over.through(async () => {
    over.clock.advance(12);
    Object.assign(circuits, { since: null });
    return answer();
  })(restCall());
  expect([member.latency.measured, member.warmingSince]).toEqual([12, 1_012]);
});

test('an endpoint restarts with a slow start after the penalty of two failures, not of one', async () => {
  const after = async (failures: number) => {
    const member = memberAt('a');
    for (let count = 0; count < failures; count += 1) member.latency.observe(1, { is: 'failure' }, 0);
    const over = balanced([member]);
    over.clock.advance(5_000);
    await over.through(async () => answer())(restCall());
    return member.warmingSince;
  };
  expect([await after(1), await after(2)]).toEqual([null, 5_000]);
});

test('an endpoint restarts after a single lost connection: another process may have taken its place', async () => {
  const member = memberAt('a');
  const over = balanced([member]);
  const lost = new UpstreamError('UPSTREAM_ERROR', restCall(), 'the connection failed (ECONNRESET)');
  await over
    .through(() => Promise.reject(lost))(restCall())
    .catch(() => {});
  over.clock.advance(5_000);
  await over.through(async () => answer())(restCall());
  expect([member.warmingSince, member.unreachable]).toEqual([5_000, false]);
});

test('the endpoint list can be replaced between two calls', async () => {
  const over = balanced([memberAt('a')]);
  const { send, hosts } = held(over);
  void send(restCall());
  over.members.current = [memberAt('b')];
  void send(restCall());
  expect(hosts()).toEqual(['a', 'b']);
});
