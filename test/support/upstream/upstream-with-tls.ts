import { expect, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import type { Call } from '../../../src/upstream/call.ts';
import { endpointAt } from '../../../src/upstream/endpoints/endpoint.ts';
import { parseEndpoints } from '../../../src/upstream/endpoints/endpoint-list.ts';
import type { OpenSource } from '../../../src/upstream/endpoints/sources/open-source.ts';
import type { UpstreamEvent } from '../../../src/upstream/events.ts';
import type { TrafficOptions } from '../../../src/upstream/options.ts';
import { readTls } from '../../../src/upstream/tls/read-tls.ts';
import { connectUpstream, type Upstream } from '../../../src/upstream/upstream.ts';
import { callOf } from '../grpc/grpc-server.ts';
import { LONG_WAIT } from '../processes/long-wait.ts';
import { restCall } from './calls.ts';

interface UpstreamTlsOptions {
  readonly protocol?: 'rest' | 'grpc';
  /** Variables after `SHOP_THINGS_TLS_`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly traffic?: TrafficOptions;
  readonly open?: OpenSource;
}

/** An upstream with TLS of variables, until the test ends, and its events. */
export const upstreamTo = async (
  addresses: string,
  { protocol = 'rest', variables, traffic = {}, open }: UpstreamTlsOptions,
) => {
  const env = Object.fromEntries(Object.entries(variables).map(([name, text]) => [`SHOP_THINGS_TLS_${name}`, text]));
  const { settings, problems } = await readTls('SHOP_THINGS_ENDPOINTS', env, {}, Date.now());
  expect(problems).toEqual([]);
  const events: UpstreamEvent[] = [];
  const upstream = connectUpstream(
    {
      name: 'shop.things',
      protocol,
      sources: parseEndpoints(addresses, protocol),
      traffic: { timeoutMs: 100_000, ...traffic },
      check: { by: 'connecting' },
      tls: settings,
    },
    { clock: systemClock, connectTimeoutMs: 100_000, report: (event) => events.push(event), ...(open && { open }) },
  );
  onTestFinished(() => upstream.close());
  return { upstream, events };
};

let calls = 0;
/** A read over REST: each is another one: equal ones would share a flight. */
export const read = (): Call => {
  calls += 1;
  const deadline = systemClock.now() + 200_000;
  return restCall({ deadline, route: 'GET /things/{id}' }, { target: `/things/${calls}` });
};
/** A call over gRPC, to the inventory. */
export const reserve = (): Call => {
  calls += 1;
  return callOf(endpointAt('grpcs://unused'), 'reserve', { sku: `s${calls}` }, { endpoint: null });
};

/** Sends eight calls at a time until the condition holds. Returns the number of calls; a failed call fails the test. */
export const loadUntil = async (
  { send }: Upstream,
  callOfLoad: () => Call,
  condition: () => boolean,
): Promise<number> => {
  let sent = 0;
  const until = systemClock.now() + LONG_WAIT.timeout;
  const client = async () => {
    while (!condition()) {
      if (systemClock.now() > until) throw new Error(`the condition did not hold after ${sent} calls`);
      await send(callOfLoad());
      sent += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  return sent;
};
