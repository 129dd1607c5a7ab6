import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { manualClock } from '../../test/support/clock/manual-clock.ts';
import { systemClock } from '../core/clock.ts';
import { guardConnection, StoreUnavailableError } from './guarded-connection.ts';

class Refusal extends Error {}

/** A guarded connection to a store that tests control by hand. */
const rig = () => {
  const clock = manualClock();
  const changes: string[] = [];
  const pings: PromiseWithResolvers<void>[] = [];
  const connection = { stands: true };
  const line = guardConnection(
    {
      isConnected: () => connection.stands,
      ping: () => {
        const ping = Promise.withResolvers<void>();
        pings.push(ping);
        return ping.promise;
      },
      isReply: (error) => error instanceof Refusal,
      onChange: (state) => changes.push(state),
      limitMs: 50,
      probeEveryMs: 250,
    },
    clock,
  );
  let calls = 0;
  const call = <Value>(answer: Promise<Value>) =>
    line.guarded(() => {
      calls += 1;
      return answer;
    });
  return { clock, changes, pings, connection, line, call, calls: () => calls };
};

/** A connected pair of sockets on this machine. */
const socketPair = async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  onTestFinished(() => {
    near.destroy();
    far.destroy();
  });
  return { near, far };
};

const never = () => new Promise<never>(() => {});

/** Opens the breaker: a call to a hanging store times out. */
const hang = async (it: ReturnType<typeof rig>) => {
  const late = it.call(never());
  it.clock.advance(50);
  await expect(late).rejects.toThrow(StoreUnavailableError);
};

test('an answer within the limit is returned, and leaves no timer behind', async () => {
  const it = rig();
  expect(await it.call(Promise.resolve('value'))).toBe('value');
  await setImmediate();
  expect(it.clock.pending).toBe(0);
  expect(it.line.state).toBe('ok');
});

test('a call ends at the limit, and later calls are not sent', async () => {
  const it = rig();
  await hang(it);
  for (let times = 0; times < 100; times += 1)
    await expect(it.call(Promise.resolve())).rejects.toThrow(StoreUnavailableError);
  expect(it.calls()).toBe(1);
  expect(it.line.state).toBe('degraded');
  expect(it.changes).toEqual(['degraded']);
});

test('a hanging store has one ping in flight, however long it takes', async () => {
  const it = rig();
  await hang(it);
  for (let second = 0; second < 60; second += 1) {
    it.clock.advance(1_000);
    await setImmediate();
  }
  expect(it.pings).toHaveLength(1);
});

test('a ping that is answered within the limit closes the breaker', async () => {
  const it = rig();
  await hang(it);
  it.clock.advance(250);
  it.pings[0]?.resolve();
  await setImmediate();
  expect(it.line.state).toBe('ok');
  expect(await it.call(Promise.resolve('value'))).toBe('value');
  expect(it.changes).toEqual(['degraded', 'ok']);
});

test('a ping that is answered too late keeps the breaker open, and another one follows', async () => {
  const it = rig();
  await hang(it);
  it.clock.advance(250);
  it.clock.advance(500);
  it.pings[0]?.resolve();
  await setImmediate();
  expect(it.line.state).toBe('degraded');
  it.clock.advance(250);
  it.pings[1]?.resolve();
  await setImmediate();
  expect(it.line.state).toBe('ok');
});

test('nothing is sent without a connection, not even a ping', async () => {
  const it = rig();
  it.connection.stands = false;
  await expect(it.call(Promise.resolve())).rejects.toThrow(StoreUnavailableError);
  it.clock.advance(10_000);
  expect(it.calls()).toBe(0);
  expect(it.pings).toHaveLength(0);

  it.connection.stands = true;
  it.clock.advance(250);
  it.pings[0]?.resolve();
  await setImmediate();
  expect(it.line.state).toBe('ok');
});

test('a broken connection opens the breaker, an error reply of the store does not', async () => {
  const it = rig();
  await expect(it.call(Promise.reject(new Refusal('out of memory')))).rejects.toThrow(Refusal);
  await expect(it.call(Promise.reject({ remainingPoints: 0 }))).rejects.toEqual({ remainingPoints: 0 });
  expect(it.line.state).toBe('ok');
  await expect(it.call(Promise.reject(new Error('socket closed')))).rejects.toThrow('socket closed');
  expect(it.line.state).toBe('degraded');
});

test('a closed connection sends no calls and no pings', async () => {
  const it = rig();
  await hang(it);
  it.line.close();
  it.clock.advance(10_000);
  expect(it.pings).toHaveLength(0);
  await expect(it.call(Promise.resolve())).rejects.toThrow(StoreUnavailableError);
  expect(it.calls()).toBe(1);
});

test('an answer that has arrived while the event loop was blocked is no timeout', async () => {
  const { near, far } = await socketPair();
  await new Promise((resolve) => far.write('answer', resolve));
  const options = { isConnected: () => true, ping: never, isReply: () => false, onChange: () => {}, limitMs: 50 };
  const guard = guardConnection(options, systemClock);
  onTestFinished(() => guard.close());
  const answer = guard.guarded(async () => String((await once(near, 'data'))[0]));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  expect(await answer).toBe('answer');
  expect(guard.state).toBe('ok');
});
