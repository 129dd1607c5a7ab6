import { expect, test } from 'vitest';
import { ofGrpc, ofRest } from '../../../../test/support/modules/test-module.ts';

test.each([
  ['balance', { panicThreshold: -0.1 }, 'a number from 0 to 1'],
  ['balance', { panicThreshold: 1.1 }, 'a number from 0 to 1'],
  ['balance', { maxEjected: Number.NaN }, 'a number from 0 to 1'],
  ['balance', { slowStartMs: -1 }, 'a number of milliseconds from 0 to 2147483647'],
  ['balance', { overprovisioning: 0.9 }, 'a number of at least 1'],
  ['circuit', { consecutiveFailures: 0 }, 'a whole number of at least 1'],
  ['circuit', { consecutiveFailures: '5' }, 'a whole number of at least 1'],
  ['circuit', { failureRatio: 0 }, 'a number above 0, at most 1'],
  ['circuit', { failureRatio: 60 }, 'a number above 0, at most 1'],
  ['circuit', { minCalls: 2.5 }, 'a whole number of at least 1'],
  ['circuit', { windowMs: 0 }, 'a number of milliseconds from 1 to 2147483647'],
  ['circuit', { maxOpenMs: Number.POSITIVE_INFINITY }, 'a number of milliseconds from 1 to 2147483647'],
  ['circuit', { halfOpenProbes: 0 }, 'a whole number of at least 1'],
  ['circuit', { successesToClose: 0 }, 'a whole number of at least 1'],
  ['circuit', { per: 'host' }, '"endpoint" or "route"'],
  ['retry', { attempts: 0 }, 'a whole number of at least 1'],
  ['retry', { baseMs: -10 }, 'a number of milliseconds from 0 to 2147483647'],
  ['retry', { maxMs: null }, 'a number of milliseconds from 0 to 2147483647'],
  ['retry', { budgetRatio: 20 }, 'a number from 0 to 1'],
  ['retry', { budgetPerSecond: -1 }, 'a number of at least 0'],
  ['hedge', { percentile: 0 }, 'a number above 0 and below 1'],
  ['hedge', { percentile: 1 }, 'a number above 0 and below 1'],
  ['hedge', { percentile: 95 }, 'a number above 0 and below 1'],
  ['hedge', { minDelayMs: -1 }, 'a number of milliseconds from 0 to 2147483647'],
  ['limits', { connections: 0 }, 'a whole number of at least 1'],
  ['limits', { inFlight: 0 }, 'a whole number of at least 1'],
  ['limits', { pending: -1 }, 'a whole number of at least 0'],
  ['limits', { callsPerConnection: 0 }, 'a whole number of at least 1'],
  ['limits', { connectionAgeMs: 2 ** 31 }, 'a number of milliseconds from 1 to 2147483647'],
])('%s: %j is out of range', (group, options, what) => {
  const [[name, value] = ['', '']] = Object.entries(options);
  const shown = typeof value === 'string' ? `"${value}"` : String(value);
  for (const lines of [ofRest({ [group]: options }), ofGrpc({ [group]: options })])
    expect(lines).toEqual([`${group}.${name} of upstream stock is ${shown}: use ${what}`]);
});

const POLICY = "peak-ewma, least-request, round-robin, random, probing, load-reports, or { hash: 'client' }";
test.each([
  ['round_robin', '"round_robin": use round-robin'],
  ['P2C', `"P2C": use ${POLICY}`],
  [7, `7: use ${POLICY}`],
  [{ hash: 'ip' }, '{"hash":"ip"}: use { hash: \'client\' }'],
  [{ hash: {} }, '{"hash":{}}: use { hash: \'client\' }'],
  [{ hash: { header: '' } }, '{"hash":{"header":""}}: use { hash: \'client\' }'],
  [{ hash: { header: 'x user' } }, '{"hash":{"header":"x user"}}: use { hash: \'client\' }'],
  [{ hash: { header: 'x', claim: 'y' } }, '{"hash":{"header":"x","claim":"y"}}: use { hash: \'client\' }'],
])('the policy %j is rejected', (policy, line) => {
  const [first = '', ...others] = ofRest({ balance: { policy } });
  expect([first.startsWith(`balance.policy of upstream stock is ${line}`), others, first]).toEqual([true, [], first]);
});

test('an aperture is rejected with a sticky policy', () => {
  expect(ofRest({ balance: { policy: { hash: 'client' }, aperture: 5 } })).toEqual([
    'balance.aperture of upstream stock is 5: remove it: with hash, gateways with different endpoints would send one caller to different ones',
  ]);
});

test('reports outside of answers are rejected for REST', () => {
  const options = { balance: { policy: 'load-reports', reports: { outOfBandMs: 10_000 } } };
  expect(ofGrpc(options)).toEqual([]);
  expect(ofRest(options)).toEqual([
    'balance.reports.outOfBandMs of upstream stock is 10000: remove it: only gRPC has such reports',
  ]);
});

test.each([
  [
    { circuit: { openMs: 90_000 } },
    'circuit.openMs of upstream stock is 90000, more than maxOpenMs, which is 60000: use a smaller openMs, or a larger maxOpenMs',
  ],
  [
    { circuit: { openMs: 20, maxOpenMs: 10 } },
    'circuit.openMs of upstream stock is 20, more than maxOpenMs, which is 10: use a smaller openMs, or a larger maxOpenMs',
  ],
  [
    { retry: { maxMs: 5 } },
    'retry.baseMs of upstream stock is 10, more than maxMs, which is 5: use a smaller baseMs, or a larger maxMs',
  ],
  [
    { limits: { adaptive: { minConcurrency: 5, maxConcurrency: 4 } } },
    'limits.adaptive.minConcurrency of upstream stock is 5, more than maxConcurrency, which is 4: use a smaller minConcurrency, or a larger maxConcurrency',
  ],
  [
    { limits: { inFlight: 2, adaptive: true } },
    'limits.adaptive.minConcurrency of upstream stock is 3, more than maxConcurrency, which is 2: use a smaller minConcurrency, or a larger maxConcurrency',
  ],
])('%j is rejected as contradictory, defaults included', (options, line) => {
  expect(ofRest(options)).toEqual([line]);
});
