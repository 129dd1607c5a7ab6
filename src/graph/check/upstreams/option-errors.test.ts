import { expect, test } from 'vitest';
import { ofGrpc, ofRest } from '../../../../test/support/modules/test-module.ts';

test.each([
  [
    { limits: { adaptive: { minConcurrency: 0 } } },
    'limits.adaptive.minConcurrency of upstream stock is 0: use a whole number of at least 1',
  ],
  [
    { health: { path: '/up', intervalMs: 99 } },
    'health.intervalMs of upstream stock is 99: use a number of milliseconds from 100 to 2147483647',
  ],
  [
    { health: { path: '/up', timeoutMs: 0 } },
    'health.timeoutMs of upstream stock is 0: use a number of milliseconds from 1 to 2147483647',
  ],
  [{ health: { path: '/up', fall: 0 } }, 'health.fall of upstream stock is 0: use a whole number of at least 1'],
  [{ health: { path: '/up', rise: 0 } }, 'health.rise of upstream stock is 0: use a whole number of at least 1'],
  [{ health: { path: 'up' } }, 'health.path of upstream stock is "up": use a path that begins with /, as in /healthz'],
  [
    { health: { path: '/a b' } },
    'health.path of upstream stock is "/a b": use a path that begins with /, as in /healthz',
  ],
  [{ health: {} }, "health of upstream stock has no path: add it, as in path: '/healthz'"],
  [
    { health: { path: '/up', expectStatus: 2 } },
    'health.expectStatus of upstream stock is 2: use HTTP statuses from 200 to 599',
  ],
  [
    { health: { path: '/up', expectStatus: [] } },
    'health.expectStatus of upstream stock is []: use HTTP statuses from 200 to 599',
  ],
  [
    { health: { path: '/up', expectStatus: [200, 600] } },
    'health.expectStatus of upstream stock is [200,600]: use HTTP statuses from 200 to 599',
  ],
  [
    { deadlineHeader: 'time left' },
    'deadlineHeader of upstream stock is "time left": use the name of a header, or false',
  ],
  [
    { deadlineHeader: 'Authorization' },
    'deadlineHeader of upstream stock is "Authorization": use another header: this one has a meaning already',
  ],
  [
    { errorCodes: { 404: 'BAD_USER_INPT' } },
    'errorCodes of upstream stock is {"404":"BAD_USER_INPT"}: use BAD_USER_INPUT instead of "BAD_USER_INPT"',
  ],
  [
    { errorCodes: { 600: 'CONFLICT' } },
    'errorCodes of upstream stock is {"600":"CONFLICT"}: use HTTP statuses from 300 to 599',
  ],
  [
    { errorCodes: { ABORTED: 'CONFLICT' } },
    'errorCodes of upstream stock is {"ABORTED":"CONFLICT"}: use HTTP statuses from 300 to 599',
  ],
  [
    { retry: { statuses: ['UNAVAILABLE'] } },
    'retry.statuses of upstream stock is ["UNAVAILABLE"]: use HTTP statuses from 300 to 599',
  ],
  [{ retry: { statuses: 503 } }, 'retry.statuses of upstream stock is 503: use a list, in brackets'],
  [
    { retry: { statuses: [99, Number.NaN] } },
    'retry.statuses of upstream stock is [99,"NaN"]: use HTTP statuses from 300 to 599',
  ],
  [{ compression: 'gzip' }, 'compression of upstream stock is "gzip": use true or false'],
  [{ forward: { identity: 'cookie' } }, 'forward.identity of upstream stock is "cookie": use "token"'],
  [
    { forward: { headers: 'accept-language' } },
    'forward.headers of upstream stock is "accept-language": use a list, in brackets',
  ],
  [{ timeoutMs: '200' }, 'timeoutMs of upstream stock is "200": use a number above 0, or remove it'],
])('REST: %j is rejected', (options, line) => {
  expect(ofRest(options)).toEqual([line]);
});

test.each([
  [
    { retry: { statuses: [503] } },
    'retry.statuses of upstream stock is [503]: use names of gRPC statuses, as in UNAVAILABLE',
  ],
  [
    { retry: { statuses: ['OK'] } },
    'retry.statuses of upstream stock is ["OK"]: use names of gRPC statuses, as in UNAVAILABLE',
  ],
  [
    { retry: { statuses: ['UNAVAILBLE'] } },
    'retry.statuses of upstream stock is ["UNAVAILBLE"]: use UNAVAILABLE instead of "UNAVAILBLE"',
  ],
  [
    { errorCodes: { 5: 'NOT_FOUND' } },
    'errorCodes of upstream stock is {"5":"NOT_FOUND"}: use names of gRPC statuses, as in UNAVAILABLE',
  ],
  [
    { errorCodes: { ABORTED: 'Conflict' } },
    'errorCodes of upstream stock is {"ABORTED":"Conflict"}: use CONFLICT instead of "Conflict"',
  ],
  [{ errorCodes: { ABORTED: 7 } }, 'errorCodes of upstream stock is {"ABORTED":7}: use the codes of docs/errors.md'],
  [
    { deadlineHeader: 'x-left' },
    'deadlineHeader of upstream stock is "x-left": remove it: gRPC always sends the remaining time in grpc-timeout',
  ],
  [{ compression: true }, 'compression of upstream stock is true: use "gzip"'],
  [{ proto: undefined }, "upstream stock has no proto: add it, as in proto: './stock.proto'"],
  [{ protoPaths: '../protos' }, 'protoPaths of upstream stock is "../protos": use a list, in brackets'],
  [{ protoPaths: [5] }, 'protoPaths of upstream stock is [5]: use a string'],
])('gRPC: %j is rejected', (options, line) => {
  expect(ofGrpc(options)).toEqual([line]);
});

test.each([
  [{ retires: {} }, 'upstream stock has an unknown option "retires": use retry, or remove it'],
  [{ attempts: 5 }, 'upstream stock has an unknown option "attempts": use retry: { attempts }, or remove it'],
  [{ retry: { atempts: 5 } }, 'retry of upstream stock has an unknown option "atempts": use attempts, or remove it'],
  [
    { retry: { hedge: true } },
    'retry of upstream stock has an unknown option "hedge": use hedge next to retry, or remove it',
  ],
  [
    { circuit: { attempts: 5 } },
    'circuit of upstream stock has an unknown option "attempts": use retry: { attempts }, or remove it',
  ],
  [
    { hedge: { constructor: 1 } },
    'hedge of upstream stock has an unknown option "constructor": remove it; the options are percentile, minDelayMs',
  ],
])('%j is rejected as an unknown option', (options, line) => {
  expect([ofRest(options), ofGrpc(options)]).toEqual([[line], [line]]);
});

test.each([
  [{ circuit: true }, 'circuit of upstream stock is true: use an object with its options, or false'],
  [{ circuit: null }, 'circuit of upstream stock is null: use an object with its options, or false'],
  [{ retry: 3 }, 'retry of upstream stock is 3: use an object with its options, or false'],
  [{ hedge: 'on' }, 'hedge of upstream stock is "on": use an object with its options, or true, or false'],
  [{ balance: 'random' }, 'balance of upstream stock is "random": use an object with its options'],
  [{ health: '/up' }, 'health of upstream stock is "/up": use an object with its options'],
  [{ limits: [] }, 'limits of upstream stock is []: use an object with its options'],
])('%j is rejected as a group of options', (options, line) => {
  expect(ofRest(options)).toEqual([line]);
});

test('all invalid options are reported together', () => {
  expect(ofRest({ retires: {}, retry: { attempts: 0 }, circuit: { openMs: 2, maxOpenMs: 1 } })).toHaveLength(3);
});

test('a long value, a cyclic value and a function are shown in short', () => {
  const loop: Record<string, unknown> = {};
  loop.loop = loop;
  const endings = [loop, () => 1, ['x'.repeat(200)], 'x'.repeat(200)].map((policy) =>
    ofRest({ balance: { policy } })[0]?.replace(/^balance.policy of upstream stock is (.*?): .*$/, '$1'),
  );
  expect(endings).toEqual(['an object', 'a function', 'a list', `"${'x'.repeat(60)}"`]);
});

test('every option with a valid value is accepted', () => {
  const traffic = {
    timeoutMs: 300,
    maxResponseBytes: 1_000,
    forward: { identity: 'token', client: true, headers: ['accept-language'] },
    balance: {
      policy: { hash: { claim: 'sub' } },
      panicThreshold: 0,
      slowStartMs: 0,
      maxEjected: 1,
      overprovisioning: 1,
    },
    circuit: {
      consecutiveFailures: 1,
      failureRatio: 1,
      minCalls: 3,
      windowMs: 1_000,
      openMs: 100,
      maxOpenMs: 100,
      halfOpenProbes: 2,
      successesToClose: 3,
      per: 'route',
    },
    hedge: { percentile: 0.5, minDelayMs: 0 },
    limits: { connections: 2, inFlight: 3, pending: 0, callsPerConnection: 1, connectionAgeMs: 1, adaptive: true },
  };
  const retry = { attempts: 1, baseMs: 0, maxMs: 0, budgetRatio: 0, budgetPerSecond: 0.5 };
  const checks = { intervalMs: 100, timeoutMs: 1, fall: 1, rise: 1 };
  expect(
    ofRest({
      ...traffic,
      retry: { ...retry, statuses: [500, 503] },
      health: { ...checks, path: '/up?deep=1', expectStatus: [200, 404] },
      errorCodes: { 404: 'BAD_USER_INPUT' },
      deadlineHeader: 'X-Time-Left',
      compression: true,
      maxUrlLength: 2_000,
    }),
  ).toEqual([]);
  expect(
    ofGrpc({
      ...traffic,
      retry: { ...retry, statuses: ['ABORTED'] },
      health: checks,
      errorCodes: { FAILED_PRECONDITION: 'BAD_USER_INPUT' },
      compression: 'gzip',
    }),
  ).toEqual([]);
  expect(
    ofRest({ circuit: false, retry: false, hedge: false, deadlineHeader: false, limits: { adaptive: false } }),
  ).toEqual([]);
  expect(ofRest({ circuit: undefined, timeoutMs: undefined, retry: { attempts: undefined } })).toEqual([]);
});

const SUBSETS = { v1: { version: 'v1' }, v2: { version: 'v2' } };

test.each([
  [
    { routes: [{ to: 'v1' }] },
    "routing of upstream stock has no subsets: add it, as in subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } }",
  ],
  [{ subsets: SUBSETS, routes: [] }, "routing.routes of upstream stock is []: add a route, as in { to: 'v1' }"],
  [{ subsets: SUBSETS, routes: [{ to: 'v3' }] }, 'routing.routes.0.to of upstream stock is no subset: use v1'],
  [
    { subsets: SUBSETS, routes: [{ to: { v1: 0 } }] },
    'routing.routes.0.to of upstream stock is {"v1":0}: use the name of a subset, or weights of at least 0, as in { v1: 90, v2: 10 }',
  ],
  [
    { subsets: SUBSETS, routes: [{ to: 'v1', sticky: 'ip' }] },
    "routing.routes.0.sticky of upstream stock is \"ip\": use 'client', { header: 'x-user' } or { claim: 'sub' }",
  ],
  [
    { subsets: SUBSETS, routes: [{ to: 'v1' }, { to: 'v2' }] },
    'routing.routes.0 of upstream stock is a route for every call and not the last one: move it to the end: no route after it is ever used',
  ],
  [
    { subsets: SUBSETS, routes: [{ when: { client: 'ios' }, to: 'v2' }] },
    'routing.routes.0 of upstream stock is the last route and has conditions: add a last route without when, for all other calls',
  ],
  [
    { subsets: SUBSETS, routes: [{ when: { heder: { a: true } }, to: 'v2' }, { to: 'v1' }] },
    'routing.routes.0.when of upstream stock has an unknown option "heder": use header, or remove it',
  ],
])('routing %j is reported with its fix', (routing, line) => {
  expect(ofRest({ routing })).toEqual([line]);
});
