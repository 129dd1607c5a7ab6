import { describe, expect, test } from 'vitest';
import { restCall } from '../../../test/support/upstream/calls.ts';
import { type HedgingSetting, hedging, slowRead as read } from '../../../test/support/upstream/hedging.ts';
import { manualDependencies, settled } from '../../../test/support/upstream/scripted-send.ts';
import type { Call, GrpcMessage } from '../call.ts';

const GRPC: GrpcMessage = {
  protocol: 'grpc',
  path: '/shop.Things/Get',
  request: new Uint8Array(),
  safe: true,
  decode: () => undefined,
};
describe('no second attempt is sent', () => {
  const stays = async (setting: HedgingSetting, call: Call, ms = 100_000) => {
    const { send, sent, at, dependencies } = await hedging(setting);
    const result = send(call);
    dependencies.clock.advance(ms);
    await settled();
    expect(sent).toHaveLength(1);
    at(0).reply({});
    await result;
    expect(dependencies.clock.pending).toBe(0);
    return dependencies;
  };

  test('after fewer than twenty reads', async () => {
    await stays({ before: Array.from({ length: 19 }, () => 20) }, read());
  });

  test('for a write, even an idempotent one', async () => {
    await stays({}, { ...read(), idempotent: false });
    await stays({}, { ...restCall({}, { method: 'POST' }), idempotent: true });
    await stays({}, read({ message: { ...GRPC, safe: false } }));
  });

  test('for a stream', async () => {
    await stays({}, read({ message: { ...GRPC, streaming: true } }));
  });

  test('if the deadline comes first', async () => {
    const dependencies = manualDependencies();
    await stays({ dependencies }, read({ deadline: 20 * 20 + 20 }), 50);
  });

  test('while an operator has disabled hedging', async () => {
    await stays({ dependencies: manualDependencies({ hedging: () => false }) }, read());
  });

  test('without budget, which is reported', async () => {
    const dependencies = await stays({ budgetPerSecond: 0 }, read());
    expect(dependencies.events).toEqual([{ is: 'refusal', route: 'GET /things/{id}', reason: 'budget' }]);
  });
});

test('a gRPC method declared safe is a read', async () => {
  const { send, sent, at, dependencies } = await hedging();
  const result = send(read({ message: GRPC }));
  dependencies.clock.advance(30);
  await settled();
  expect(sent).toHaveLength(2);
  at(1).reply({});
  await result;
});

test('the second attempt is never sent before minDelayMs', async () => {
  const { send, sent, at, dependencies } = await hedging({
    before: Array.from({ length: 50 }, () => 1),
    minDelayMs: 50,
  });
  const result = send(read());
  dependencies.clock.advance(49);
  await settled();
  expect(sent).toHaveLength(1);
  dependencies.clock.advance(1);
  await settled();
  expect(sent).toHaveLength(2);
  at(0).reply({});
  await result;
});

test('the percentile is that of first attempts, and an abandoned attempt counts with the time waited for it', async () => {
  const { send, sent, at, dependencies } = await hedging({ percentile: 0.5 });
  for (let slow = 0; slow < 30; slow += 1) {
    const result = send(read());
    dependencies.clock.advance(100);
    await settled();
    at(sent.length - 1).reply({});
    await result;
    await settled();
    dependencies.clock.advance(1_000);
  }
  const before = sent.length;
  const result = send(read());
  dependencies.clock.advance(90);
  await settled();
  expect(sent).toHaveLength(before + 1);
  at(before).reply({});
  await result;
});
