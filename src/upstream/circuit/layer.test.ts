import { expect, test } from 'vitest';
import { endpoint, restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, manualDependencies, scriptedSend, settled } from '../../../test/support/upstream/scripted-send.ts';
import { ClientGoneError, GatewayError, UpstreamError } from '../../core/errors.ts';
import { type Call, stack } from '../call.ts';
import { memberWith } from '../endpoints/member.ts';
import { peakEwma } from '../endpoints/peak-ewma.ts';
import { trafficSettings } from '../options.ts';
import { deadline, timeout } from '../time-limit.ts';
import { circuitsOf } from './endpoint-circuits.ts';
import { circuit } from './layer.ts';

const broken = (call: Call) => new UpstreamError('UPSTREAM_ERROR', call, 'reset');

/**
 * The circuit layer above a transport that the test answers, and calls to one endpoint with a circuit that opens at the
 * second failure.
 */
const layered = () => {
  const dependencies = manualDependencies();
  const { circuit: settings } = trafficSettings({ circuit: { consecutiveFailures: 2 } });
  const member = memberWith(peakEwma, (address) => circuitsOf(settings, dependencies, address))(
    endpoint('http://a'),
    null,
  );
  const transport = scriptedSend();
  const callWith = (changes: Partial<Call> = {}) => restCall({ member, endpoint: member.endpoint, ...changes });
  const snapshot = () => member.circuits.snapshot()[0];
  return { dependencies, member, transport, callWith, snapshot, send: circuit(dependencies)(transport.send) };
};

test('outcomes of attempts are passed to the circuit of their endpoint', async () => {
  const { send, transport, callWith, snapshot } = layered();
  const failing = send(callWith());
  const failure = broken(transport.at(0).call);
  transport.at(0).fail(failure);
  expect(await failureOf(failing)).toBe(failure);
  expect(snapshot()).toMatchObject({ state: 'closed', failures: 1 });

  const answered = send(callWith());
  transport.at(1).reply({ value: 'it' });
  expect(await answered).toMatchObject({ value: 'it' });
  expect(snapshot()).toMatchObject({ state: 'closed', failures: 0 });

  for (const index of [2, 3]) {
    const again = send(callWith());
    transport.at(index).fail(broken(transport.at(index).call));
    await failureOf(again);
  }
  expect(snapshot()).toMatchObject({ state: 'open', failures: 2 });
});

test('the layer refuses nothing: the choice of an endpoint has decided', async () => {
  const { send, transport, callWith, member, snapshot } = layered();
  for (let failed = 0; failed < 5; failed++)
    member.circuits.begin('GET /things/{id}', 'anonymous').end({ is: 'failure' });
  const answered = send(callWith({ inPanic: true }));
  transport.at(0).reply({});
  await answered;
  expect(snapshot()).toMatchObject({ state: 'closed' });
});

test('a call without a chosen endpoint passes through', async () => {
  const { send, transport, dependencies } = layered();
  const answered = send(restCall());
  transport.at(0).reply({ value: 'it' });
  expect(await answered).toMatchObject({ value: 'it' });
  expect(dependencies.events).toEqual([]);
});

test.each([
  ['a client disconnect', new ClientGoneError('gone')],
  ['a faster attempt', new Error('superseded')],
  ['the deadline of the request', new GatewayError('TIMEOUT', 'too long')],
  ['the deadline of the call', new UpstreamError('TIMEOUT', restCall(), 'too long')],
])('%s is ignored, whatever the attempt fails with, and frees a probe’s slot', async (_, reason) => {
  const { send, transport, callWith, member, snapshot, dependencies } = layered();
  for (const error of [reason, broken(restCall())]) {
    const caller = new AbortController();
    const failing = send(callWith({ signal: caller.signal }));
    caller.abort(reason);
    transport.sent.at(-1)?.fail(error);
    await failureOf(failing);
  }
  expect(snapshot()).toMatchObject({ state: 'closed', failures: 0 });

  for (let failed = 0; failed < 2; failed++)
    member.circuits.begin('GET /things/{id}', 'anonymous').end({ is: 'failure' });
  dependencies.clock.advance(2_000);
  const caller = new AbortController();
  const probing = send(callWith({ signal: caller.signal }));
  expect(member.circuits.admission('GET /things/{id}', true, 'anonymous')).toBe('ejected');
  caller.abort(reason);
  await failureOf(probing);
  expect(member.circuits.admission('GET /things/{id}', true, 'anonymous')).toBe('admitted');
});

test('the timeout of an attempt counts against the endpoint, the deadline of the call does not', async () => {
  const { dependencies, transport, callWith, snapshot } = layered();
  const send = stack(
    deadline(dependencies.clock),
    circuit(dependencies),
    timeout({ timeoutMs: 2_000 }, dependencies),
  )(transport.send);
  const limited = send(callWith({ deadline: 10_000 }));
  dependencies.clock.advance(2_000);
  await failureOf(limited);
  expect(snapshot()).toMatchObject({ failures: 1 });

  const short = send(callWith({ deadline: 2_100 }));
  dependencies.clock.advance(100);
  await failureOf(short);
  const late = send(callWith({ deadline: dependencies.clock.now() }));
  await failureOf(late);
  expect(snapshot()).toMatchObject({ failures: 1 });
});

test('an attempt timer that fires together with the deadline counts as the deadline', async () => {
  const { dependencies, transport, callWith, snapshot } = layered();
  const send = stack(circuit(dependencies), timeout({ timeoutMs: 2_000 }, dependencies))(transport.send);
  const short = send(callWith({ deadline: 100 }));
  dependencies.clock.advance(100);
  expect(await failureOf(short)).toMatchObject({ code: 'TIMEOUT' });
  expect(snapshot()).toMatchObject({ failures: 0 });
});

test('a stream counts when it is established, not when it ends', async () => {
  const { send, transport, callWith, snapshot } = layered();
  const failing = send(callWith());
  transport.at(0).fail(broken(transport.at(0).call));
  await failureOf(failing);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const streaming = send(callWith());
  transport.at(1).reply({ ended });
  await streaming;
  expect(snapshot()).toMatchObject({ failures: 0 });
  end();
  await settled();
  expect(snapshot()).toMatchObject({ failures: 0 });
});

test.each([
  ['a time limit', (call: Call) => new UpstreamError('TIMEOUT', call, 'too late')],
  ['HTTP 504', (call: Call) => new UpstreamError('UPSTREAM_ERROR', call, 'answered 504', { status: 504 })],
  ['DEADLINE_EXCEEDED', (call: Call) => new UpstreamError('TIMEOUT', call, 'DEADLINE_EXCEEDED', { status: 4 })],
])(
  '%s is ignored if the call had hardly any time, also if the backend ends it slightly early',
  async (_what, error) => {
    const { send, transport, callWith, dependencies, snapshot } = layered();
    const deadlineAt = (ms: number) => callWith({ deadline: dependencies.clock.now() + ms });
    for (const index of [0, 1, 2]) {
      const failing = send(deadlineAt(30));
      dependencies.clock.advance(25);
      transport.at(index).fail(error(transport.at(index).call));
      await failureOf(failing);
    }
    expect(snapshot()).toMatchObject({ state: 'closed', failures: 0 });
    // With much of its deadline left, the timeout counts against the endpoint.
    const failing = send(deadlineAt(10_000));
    dependencies.clock.advance(25);
    transport.at(3).fail(error(transport.at(3).call));
    await failureOf(failing);
    expect(snapshot()).toMatchObject({ failures: 1 });
  },
);
