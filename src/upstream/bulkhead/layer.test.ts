import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, manualDependencies, scriptedSend, settled } from '../../../test/support/upstream/scripted-send.ts';
import { UpstreamError } from '../../core/errors.ts';
import { NotProcessedError } from '../errors.ts';
import { type LimitOptions, trafficSettings } from '../options.ts';
import { neverProcessed } from '../outcome.ts';
import { bulkhead } from './layer.ts';

const limited = (options: LimitOptions) => {
  const dependencies = manualDependencies();
  const script = scriptedSend();
  const { layer, ...seen } = bulkhead(trafficSettings({ limits: options }).limits, dependencies);
  return { ...script, ...seen, dependencies, submit: layer(script.send) };
};

const named = (id: string, signal = new AbortController().signal) => restCall({ headers: { id }, signal });

test('no more calls than the limit are in flight, the others wait', async () => {
  const { submit, sent, at, inFlight, waiting, limit } = limited({ inFlight: 2, pending: 10 });
  const results = ['a', 'b', 'c', 'd'].map((id) => submit(named(id)));
  await settled();
  expect(sent).toHaveLength(2);
  expect([inFlight(), waiting(), limit()]).toEqual([2, 2, 2]);
  at(0).reply({});
  await settled();
  expect(sent).toHaveLength(3);
  for (const index of [1, 2]) at(index).reply({});
  await settled();
  at(3).reply({});
  await Promise.all(results);
  expect([inFlight(), waiting()]).toEqual([0, 0]);
});

test('waiting calls start in the order of their arrival', async () => {
  const { submit, sent, at } = limited({ inFlight: 1, pending: 10 });
  const results = ['a', 'b', 'c', 'd'].map((id) => submit(named(id)));
  for (let index = 0; index < 4; index += 1) {
    await settled();
    at(index).reply({});
  }
  await Promise.all(results);
  expect(sent.map(({ call }) => call.headers.id)).toEqual(['a', 'b', 'c', 'd']);
});

test('a call beyond the maximum of waiting calls is rejected immediately and not sent', async () => {
  const { submit, sent, at, dependencies } = limited({ inFlight: 1, pending: 1 });
  const results = [submit(named('a')), submit(named('b'))];
  const failure = await failureOf(submit(named('c')));
  expect(failure).toBeInstanceOf(UpstreamError);
  expect(failure).toMatchObject({ code: 'SERVICE_UNAVAILABLE', reason: 'too many calls wait' });
  expect(neverProcessed(failure)).toBe(true);
  expect(dependencies.events).toEqual([{ is: 'refusal', route: 'GET /things/{id}', reason: 'pending' }]);
  expect(sent).toHaveLength(1);
  at(0).reply({});
  await settled();
  at(1).reply({});
  await Promise.all(results);
});

test('without room for waiting calls, the limit is all there is', async () => {
  const { submit, at } = limited({ inFlight: 1, pending: 0 });
  const result = submit(named('a'));
  expect(await failureOf(submit(named('b')))).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  at(0).reply({});
  await result;
  const next = submit(named('c'));
  at(1).reply({});
  await next;
});

test('an aborted call leaves the queue to the next one and is never sent', async () => {
  const { submit, sent, at, waiting } = limited({ inFlight: 1, pending: 1 });
  const caller = new AbortController();
  const first = submit(named('a'));
  const failure = failureOf(submit(named('b', caller.signal)));
  const gone = new Error('gone');
  caller.abort(gone);
  expect(await failure).toBe(gone);
  expect(waiting()).toBe(0);
  const third = submit(named('c'));
  at(0).reply({});
  await settled();
  at(1).reply({});
  await Promise.all([first, third]);
  expect(sent.map(({ call }) => call.headers.id)).toEqual(['a', 'c']);
});

test('a call that is aborted already does not wait', async () => {
  const { submit, at, waiting } = limited({ inFlight: 1, pending: 1 });
  const first = submit(named('a'));
  const gone = new Error('gone');
  expect(await failureOf(submit(named('b', AbortSignal.abort(gone))))).toBe(gone);
  expect(waiting()).toBe(0);
  at(0).reply({});
  await first;
});

test('an abort after the start of a call changes nothing in the queue', async () => {
  const { submit, at } = limited({ inFlight: 1, pending: 1 });
  const caller = new AbortController();
  const results = [submit(named('a')), submit(named('b', caller.signal))];
  const [waits] = getEventListeners(caller.signal, 'abort');
  expect(waits).toBeDefined();
  at(0).reply({});
  await settled();
  expect(getEventListeners(caller.signal, 'abort')).not.toContain(waits);
  at(1).reply({});
  await Promise.all(results);
});

test('a failed call starts a waiting one as an answered call does', async () => {
  const { submit, sent, at, inFlight } = limited({ inFlight: 1, pending: 1 });
  const failure = failureOf(submit(named('a')));
  const second = submit(named('b'));
  const error = new UpstreamError('UPSTREAM_ERROR', restCall(), 'reset');
  at(0).fail(error);
  expect(await failure).toBe(error);
  await settled();
  expect(sent).toHaveLength(2);
  at(1).reply({});
  await second;
  expect(inFlight()).toBe(0);
});

test('a stream is in flight until it ends', async () => {
  const { submit, sent, at, inFlight } = limited({ inFlight: 1, pending: 1 });
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const stream = submit(named('a'));
  const second = submit(named('b'));
  at(0).reply({ ended });
  await stream;
  await settled();
  expect([sent.length, inFlight()]).toEqual([1, 1]);
  end();
  await settled();
  expect(sent).toHaveLength(2);
  at(1).reply({});
  await second;
  expect(inFlight()).toBe(0);
});

test('an adaptive limit falls with every drop, ends no call in flight, and admits by its present value', async () => {
  const { submit, sent, at, limit, inFlight, dependencies } = limited({
    inFlight: 100,
    adaptive: { minConcurrency: 2, maxConcurrency: 10 },
  });
  expect(limit()).toBe(5); // Half of the initial limit, while the limit measures its reference.
  const results = Array.from({ length: 7 }, (_, id) => submit(named(String(id))).catch(() => null));
  await settled();
  expect(sent).toHaveLength(5);
  for (const index of [0, 1, 2]) {
    dependencies.clock.advance(100);
    at(index).fail(new UpstreamError(index === 0 ? 'RATE_LIMITED' : 'TIMEOUT', restCall(), 'failed'));
    await settled();
  }
  expect(limit()).toBe(3);
  expect(inFlight()).toBe(3);
  for (let index = 3; index < 7; index += 1) {
    at(index).reply({});
    await settled();
  }
  await Promise.all(results);
  expect(inFlight()).toBe(0);
});

test('an adaptive limit that rises during a stream starts waiting calls', async () => {
  const { submit, sent, at, limit, waiting, dependencies } = limited({ adaptive: true });
  const started = limit();
  const never = new Promise<void>(() => {});
  const results: Promise<unknown>[] = [];
  for (let answers = 0; sent.length < 60; answers += 1) {
    results.push(submit(named(String(answers))));
    await settled();
    dependencies.clock.advance(10);
    at(sent.length - 1).reply({});
    await settled();
  }
  expect(limit()).toBeGreaterThan(started);
  const full = limit();
  while (sent.length < 60 + full) {
    results.push(submit(named('full')));
    await settled();
  }
  results.push(submit(named('waits')));
  await settled();
  expect(waiting()).toBe(1);
  for (let index = 60; index < 60 + full && limit() === full; index += 1) {
    dependencies.clock.advance(10);
    at(index).reply({ ended: never });
    await settled();
  }
  expect(limit()).toBeGreaterThan(full);
  expect(waiting()).toBe(0);
  for (const one of sent) one.reply({});
  await Promise.all(results);
});

test.each([
  ['a lost connection', new UpstreamError('UPSTREAM_ERROR', restCall(), 'reset')],
  ['a caller who leaves', new Error('gone')],
  [
    'a call that no endpoint took',
    new UpstreamError('SERVICE_UNAVAILABLE', restCall(), 'none', {
      retryAfterMs: 3_000,
      cause: new NotProcessedError('paused'),
    }),
  ],
])('an adaptive limit does not fall with %s', async (_, error) => {
  const { submit, at, limit } = limited({ adaptive: { maxConcurrency: 10 } });
  const failure = failureOf(submit(named('a')));
  at(0).fail(error);
  await failure;
  expect(limit()).toBe(5);
});

test('ten thousand calls that start and abort in any order leave nothing behind', async () => {
  const { submit, sent, inFlight, waiting } = limited({ inFlight: 7, pending: 10_000 });
  const callers = Array.from({ length: 10_000 }, () => new AbortController());
  const results = callers.map((caller, id) => submit(named(String(id), caller.signal)).catch(() => null));
  await settled();
  for (const [id, caller] of callers.entries()) if (id % 3 === 0) caller.abort(new Error('gone'));
  for (let index = 0; index < sent.length; index += 1) {
    sent[index]?.reply({});
    await Promise.resolve();
    if (index === sent.length - 1) await settled();
  }
  await Promise.all(results);
  expect([inFlight(), waiting()]).toEqual([0, 0]);
});

test('waiting calls start before later ones as soon as there is room, without waiting for a call to end', async () => {
  const dependencies = manualDependencies();
  const { send, sent } = scriptedSend();
  let capacity = 1;
  const { layer, wake, waiting } = bulkhead(trafficSettings().limits, dependencies, () => capacity);
  const submit = layer(send);
  for (const id of ['a', 'b', 'c']) void submit(named(id));
  expect([sent.length, waiting()]).toEqual([1, 2]);
  capacity = 2;
  wake();
  await settled();
  expect(sent.map(({ call }) => call.headers.id)).toEqual(['a', 'b']);
  capacity = 3;
  void submit(named('d'));
  await settled();
  expect(sent.map(({ call }) => call.headers.id)).toEqual(['a', 'b', 'c']);
  expect(waiting()).toBe(1);
});
