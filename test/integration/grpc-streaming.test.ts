import { request as httpRequest } from 'node:http';
import { constants } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { UpstreamError } from 'tributary/backend';
import { expect, test, vi } from 'vitest';
import { grpcClient } from '../../src/backend/bind/grpc-client.ts';
import { loadProto } from '../../src/protobuf/load-proto.ts';
import { untraced } from '../../src/telemetry/open-trace.ts';
import { frame } from '../../src/upstream/grpc/frame.ts';
import { connectUpstream } from '../../src/upstream/upstream.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { startGateway } from '../support/gateway/gateway.ts';
import { rawServer } from '../support/grpc/grpc-server.ts';
import { protobufjsType } from '../support/grpc/protobufjs.ts';
import {
  type Reading,
  stockWatch,
  WATCH_PROTO,
  type WatchCall,
  type WatchServer,
  watchServer,
} from '../support/modules/stock-watch.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { freePort } from '../support/processes/ports.ts';

const LOW = '{ lowStock(below: 5) { productId available } }';

const levelsUpTo = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ productId: `p${index}`, available: index }));

const endWell = (call: WatchCall) => call.end();
const leaveOpen = () => {};
const fail = (code: status) => (call: WatchCall) => call.emit('error', { code, details: 'as the test wants it' });

/** Sends `count` messages, then continues with `then`. */
const sending =
  (count: number, then: (call: WatchCall) => void = endWell) =>
  (call: WatchCall) => {
    for (const level of levelsUpTo(count)) call.write(level);
    then(call);
  };

const at = ({ port }: Pick<WatchServer, 'port'>): string => `grpc://127.0.0.1:${port}`;

/** A gateway with one upstream, which has these endpoints by descending priority. */
const gatewayTo = (endpoints: readonly string[], reading: Reading = {}, env: Readonly<Record<string, string>> = {}) =>
  startGateway(
    { ...env, WATCH_STOCK_ENDPOINTS: endpoints.map((endpoint, index) => `${endpoint};priority=${index}`).join() },
    [stockWatch(reading)],
  );

const codesOf = ({ errors }: { readonly errors: readonly { readonly extensions: { readonly code: string } }[] }) =>
  errors.map(({ extensions }) => extensions.code);

test('a resolver reads all messages of a stream in order, and the backend gets the arguments', async () => {
  await using server = await watchServer(sending(300));
  await using gateway = await gatewayTo([at(server)]);
  const { data, errors } = await gateway.query(LOW);
  expect({ data, errors }).toEqual({ data: { lowStock: levelsUpTo(300) }, errors: [] });
  expect(server.calls.map(({ request }) => request.below)).toEqual([5]);
});

test('a stream without messages is an empty list', async () => {
  await using server = await watchServer(endWell);
  await using gateway = await gatewayTo([at(server)]);
  expect((await gateway.query(LOW)).data).toEqual({ lowStock: [] });
});

test('leaving the loop cancels the call at the backend', async () => {
  await using server = await watchServer(sending(10, leaveOpen));
  await using gateway = await gatewayTo([at(server)]);
  const { data } = await gateway.query('{ someLow(below: 5, first: 3) { productId available } }');
  expect(data).toEqual({ someLow: levelsUpTo(3) });
  await vi.waitFor(() => expect(server.cancelled).toBe(1), LONG_WAIT);
});

test('an open stream ends at the request’s deadline with TIMEOUT, and is cancelled at the backend', async () => {
  const thrown: unknown[] = [];
  await using server = await watchServer(sending(2, leaveOpen));
  await using gateway = await gatewayTo([at(server)], { thrown }, { REQUEST_TIMEOUT_MS: '3000' });
  expect(codesOf(await gateway.query(LOW))).toEqual(['TIMEOUT']);
  await vi.waitFor(() => expect(thrown).toMatchObject([{ code: 'TIMEOUT' }]), LONG_WAIT);
  await vi.waitFor(() => expect(server.cancelled).toBe(1), LONG_WAIT);
});

/** Sends one message and ignores the deadline of the call. */
const tireless = (resets: unknown[]) => {
  const level = protobufjsType(WATCH_PROTO, 'watch.v1.Level').encode({ productId: 'p0' }).finish();
  return rawServer((stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    stream.write(frame(level));
    stream.once('close', () => resets.push(stream.rstCode));
  });
};

test('a stream ends at its deadline even if neither the backend nor the request’s signal ends it', async () => {
  const clock = manualClock();
  const resets: unknown[] = [];
  await using server = await tireless(resets);
  const sources = [{ by: 'address', endpoint: server.endpoint }] as const;
  const upstream = connectUpstream(
    { name: 'watch.stock', protocol: 'grpc', sources, check: { by: 'grpc' } },
    { clock },
  );
  const { watchStock } = grpcClient(
    loadProto(WATCH_PROTO).service('watch.v1.Stock').streaming,
    {
      upstream: upstream.name,
      deadline: clock.now() + 3_000,
      signal: new AbortController().signal,
      principalKey: 'anonymous',
      caller: 'anonymous',
      isIdentified: false,
      headers: {},
      trace: untraced(),
      affinity: null,
      keyScope: (_place, value) => value,
    },
    upstream.send,
  );
  const reading = async () => {
    const levels: unknown[] = [];
    const stream = watchStock?.({ below: 5 });
    if (stream === undefined || stream instanceof Promise) throw new Error('watchStock does not stream');
    try {
      for await (const level of stream) {
        levels.push(level);
        clock.advance(3_000);
      }
    } catch (error) {
      return { levels, error };
    }
    return { levels, error: null };
  };
  expect(await reading()).toMatchObject({
    levels: levelsUpTo(1),
    error: { name: 'UpstreamError', code: 'TIMEOUT', status: null },
  });
  await vi.waitFor(() => expect(resets).toEqual([constants.NGHTTP2_CANCEL]), LONG_WAIT);
  await upstream.close();
});

test('a disconnecting client cancels the stream at the backend', async () => {
  const thrown: unknown[] = [];
  await using server = await watchServer(sending(2, leaveOpen));
  await using gateway = await gatewayTo([at(server)], { thrown });
  const asking = httpRequest(gateway.url, { method: 'POST', headers: { 'content-type': 'application/json' } });
  asking.on('error', () => {}); // the connection is destroyed by the test
  asking.end(JSON.stringify({ query: LOW }));
  await vi.waitFor(() => expect(server.calls).toHaveLength(1), LONG_WAIT);
  asking.destroy();
  await vi.waitFor(() => expect(server.cancelled).toBe(1), LONG_WAIT);
  expect(thrown).toMatchObject([{ name: 'ClientGoneError' }]);
});

test('a stream of a read is opened at the next endpoint if the first one is dead', async () => {
  await using server = await watchServer(sending(3));
  await using gateway = await gatewayTo([`grpc://127.0.0.1:${await freePort()}`, at(server)]);
  const { data, errors } = await gateway.query(LOW);
  expect({ data, errors }).toEqual({ data: { lowStock: levelsUpTo(3) }, errors: [] });
  expect(server.calls).toHaveLength(1);
});

test('a failure before the first message is retried; a later failure is thrown once and not retried', async () => {
  const thrown: unknown[] = [];
  await using refusing = await watchServer(fail(status.UNAVAILABLE));
  await using breaking = await watchServer(sending(1, fail(status.UNAVAILABLE)));
  await using spare = await watchServer(sending(1));
  await using gateway = await gatewayTo([refusing, breaking, spare].map(at), { thrown });
  const answer = await gateway.query(LOW);
  expect({ data: answer.data, codes: codesOf(answer) }).toEqual({
    data: { lowStock: null },
    codes: ['SERVICE_UNAVAILABLE'],
  });
  expect(thrown).toHaveLength(1);
  expect(thrown[0]).toBeInstanceOf(UpstreamError);
  expect(thrown[0]).toMatchObject({ status: status.UNAVAILABLE, route: 'watch.v1.Stock/WatchStock' });
  expect([refusing, breaking, spare].map(({ calls }) => calls.length)).toEqual([1, 1, 0]);
});

test('a stream of a method that is not a read is not retried', async () => {
  await using refusing = await watchServer(fail(status.UNAVAILABLE));
  await using spare = await watchServer(sending(1));
  await using gateway = await gatewayTo([refusing, spare].map(at));
  expect(codesOf(await gateway.query('{ subscribed { productId } }'))).toEqual(['SERVICE_UNAVAILABLE']);
  expect([refusing, spare].map(({ calls }) => calls.length)).toEqual([1, 0]);
});

test('reading a stream a second time fails and sends nothing', async () => {
  await using server = await watchServer(sending(1));
  await using gateway = await gatewayTo([at(server)]);
  const answer = await gateway.query('{ readTwice { productId } }');
  expect(codesOf(answer)).toEqual(['INTERNAL_SERVER_ERROR']);
  expect(server.calls).toHaveLength(1);
});

const MESSAGES = 1_024;
const HISTORY = new Uint8Array(65_536);

/** Writes 64 MiB as fast as the client accepts them, and counts the messages. */
const flood = (written: { count: number }) => (call: WatchCall) => {
  const more = () => {
    while (written.count < MESSAGES && !call.cancelled) {
      written.count += 1;
      if (!call.write({ productId: 'p', available: written.count, history: HISTORY })) {
        call.once('drain', more);
        return;
      }
    }
    call.end();
  };
  more();
};

test('a resolver that pauses stops the backend’s writes, and gets every message once it continues', async () => {
  const written = { count: 0 };
  const gate = Promise.withResolvers<void>();
  let read = 0;
  const afterEach = () => {
    read += 1;
    return gate.promise;
  };
  await using server = await watchServer(flood(written));
  await using gateway = await gatewayTo([at(server)], { afterEach });
  const asking = gateway.query('{ lowStock(below: 5) { available } }');

  await vi.waitFor(() => expect(read).toBe(1), LONG_WAIT);
  // Writing has stalled if ten checks in a row see no progress.
  let seen: number[] = [];
  await vi.waitFor(() => {
    seen = [...seen.slice(-9), written.count];
    expect(seen).toEqual(Array(10).fill(written.count));
  }, LONG_WAIT);
  const stalledAt = written.count;
  expect(read).toBe(1);
  expect(stalledAt * HISTORY.length).toBeLessThan(4 * 1_048_576);

  gate.resolve();
  expect((await asking).data).toEqual({
    lowStock: Array.from({ length: MESSAGES }, (_, index) => ({ available: index + 1 })),
  });
});
