import { expect, test } from 'vitest';
import { manualClock } from '../../test/support/clock/manual-clock.ts';
import { seeded } from '../../test/support/random/seeded.ts';
import { endpoint } from '../../test/support/upstream/calls.ts';
import { type Behaviours, type Ended, simulatedEndpoints } from '../../test/support/upstream/simulated-endpoints.ts';
import { stacked } from '../../test/support/upstream/stacked.ts';
import {
  callOf,
  type MixProtocol,
  recorded,
  TRAFFIC_MIXES,
  type TrafficMix,
} from '../../test/support/upstream/traffic-mixes.ts';
import { UpstreamError } from '../core/errors.ts';
import { NoEndpointError } from './errors.ts';

const SECONDS = 20;
const GOAL = 0.99;

/** True for a call that the gateway refused without sending it. */
const isRefused = ({ error }: Ended): boolean =>
  error instanceof UpstreamError && error.cause instanceof NoEndpointError;

/** Sends a mix through all layers of an upstream, with a manual clock. */
const sent = async (mix: TrafficMix, protocol: MixProtocol, seed: number) => {
  const clock = manualClock();
  const random = seeded(seed);
  const calls = recorded(mix, SECONDS, seed);
  const hosts = ['a', 'b', 'c'].slice(0, mix.endpoints);
  let attempts = 0;
  const behaviours: Behaviours = Object.fromEntries(
    hosts.map((host) => [
      host,
      (_now, { message }) => {
        attempts += 1;
        const index = message.protocol === 'rest' ? Number(message.target.slice(1)) : -1;
        return calls[index]?.reaction(protocol) ?? { afterMs: 0, fails: null };
      },
    ]),
  );
  const simulation = simulatedEndpoints(behaviours, clock);
  const upstream = stacked(simulation.send, {
    clock,
    random,
    endpoints: hosts.map((host) => endpoint(`http://${host}`)),
    ...(mix.traffic && { traffic: mix.traffic }),
  });
  const ended = await simulation.run({
    through: upstream.send,
    perSecond: mix.perSecond,
    forMs: SECONDS * 1_000,
    call: (index) => {
      const call = calls[index];
      if (call === undefined) throw new Error(`the mix has no call ${index}`);
      return callOf(call, index, mix.isIdentified ?? false, clock.now());
    },
  });
  const mixedCall = ({ index }: Ended) => calls[index];
  const good = ended.filter((one) => mixedCall(one)?.isGood);
  return {
    good,
    bad: ended.filter((one) => !mixedCall(one)?.isGood),
    /** Answered; or sent, if the endpoint itself fails this call. */
    served: good.filter((one) => one.ok || (mixedCall(one)?.reaction(protocol).fails !== null && !isRefused(one))),
    attempts,
  };
};

const CELLS = TRAFFIC_MIXES.flatMap((mix) => (['rest', 'grpc'] as const).map((protocol) => ({ mix, protocol })));

test.each(CELLS.map((cell) => [`${cell.mix.name}, ${cell.protocol}`, cell] as const))(
  'good callers are served: %s',
  async (_, { mix, protocol }) => {
    const { good, served } = await sent(mix, protocol, 1);
    const figure = `${served.length} of ${good.length} served, ${good.filter(isRefused).length} refused`;
    expect(served.length / good.length, figure).toBeGreaterThanOrEqual(GOAL);
  },
);

test.each(['rest', 'grpc'] as const)(
  'a caller beyond its quota is RATE_LIMITED with the time left, and is not sent to the endpoints again: %s',
  async (protocol) => {
    const mix = TRAFFIC_MIXES.find(
      ({ name }) => name === 'one caller beyond its quota, 3 endpoint(s), 100 calls a second',
    );
    if (mix === undefined) throw new Error('there is no such mix');
    const { good, bad, attempts } = await sent(mix, protocol, 1);
    expect(new Set(bad.map(({ error }) => error instanceof UpstreamError && error.code))).toEqual(
      new Set(['RATE_LIMITED']),
    );
    expect(bad.at(-1)?.error).toMatchObject({ details: { retryAfter: 41 } });
    // One 429 of each endpoint, and of calls that were in flight with it.
    expect(attempts - good.length).toBeLessThanOrEqual(6);
  },
);
