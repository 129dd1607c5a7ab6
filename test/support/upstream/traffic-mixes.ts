import { UpstreamError } from '../../../src/core/errors.ts';
import type { Call } from '../../../src/upstream/call.ts';
import { statusError } from '../../../src/upstream/grpc/status.ts';
import type { TrafficOptions } from '../../../src/upstream/options.ts';
import { problemError } from '../../../src/upstream/rest/problem-details.ts';
import { seeded } from '../random/seeded.ts';
import { answer, restCall } from './calls.ts';
import type { Reaction } from './simulated-endpoints.ts';

export type MixProtocol = 'rest' | 'grpc';

/** One call of a mix, and the reaction of every endpoint to it. */
export interface MixedCall {
  /** False for calls that cause the problem. */
  readonly isGood: boolean;
  readonly route: string;
  readonly caller: string;
  /** Default true. */
  readonly isRead?: boolean;
  readonly reaction: (protocol: MixProtocol) => Reaction;
}

/** Calls of good callers, mixed with calls that cause a problem. */
export interface TrafficMix {
  readonly name: string;
  readonly endpoints: number;
  readonly perSecond: number;
  /** True where the upstream distinguishes callers. Default false. */
  readonly isIdentified?: boolean;
  readonly traffic?: TrafficOptions;
  readonly calls: (random: () => number) => (index: number) => MixedCall;
}

const OK = (): Reaction => ({ afterMs: 10, fails: null });

const fails =
  (afterMs: number, rest: (call: Call) => UpstreamError, grpc = rest) =>
  (protocol: MixProtocol): Reaction => ({ afterMs, fails: protocol === 'rest' ? rest : grpc });

const byStatus =
  (status: number, headers: Readonly<Record<string, string>> = {}) =>
  (call: Call) =>
    problemError(call, { ...answer(), status, headers });

/** 500, or UNKNOWN, which a gRPC server returns for an uncaught exception. */
export const APPLICATION_ERROR = fails(5, byStatus(500), (call) => statusError(call, 'UNKNOWN', 'invalid card'));
export const UNAVAILABLE = fails(5, byStatus(503), (call) => statusError(call, 'UNAVAILABLE', ''));
/** A 200 with text, or a message that does not decode. */
export const UNREADABLE = fails(
  5,
  (call) => new UpstreamError('UPSTREAM_BAD_RESPONSE', call, 'the answer is not JSON'),
);
const QUOTA = fails(5, byStatus(429, { 'retry-after': '60' }), (call) =>
  statusError(call, 'RESOURCE_EXHAUSTED', '', { 'grpc-retry-pushback-ms': '60000' }),
);
/** Slower than the time limit of an attempt. */
const SLOW = (): Reaction => ({ afterMs: 60_000, fails: null });

const ROUTES = ['GET /cards/{id}', 'GET /charges/{id}', 'GET /limits', 'GET /rates'];

const good = (random: () => number): MixedCall => ({
  isGood: true,
  route: ROUTES[Math.floor(random() * ROUTES.length)] ?? '',
  caller: `user-${Math.floor(random() * 30)}`,
  reaction: OK,
});

/** Mixes in bad calls, at this share of all calls. */
const mixedWith =
  (share: number, bad: (random: () => number) => Omit<MixedCall, 'isGood'>) => (random: () => number) => () =>
    random() < share ? { isGood: false, ...bad(random) } : good(random);

const anyCaller = (random: () => number): string => `user-${Math.floor(random() * 30)}`;

const badCards = mixedWith(0.7, (random) => ({
  route: 'POST /charges',
  caller: anyCaller(random),
  isRead: false,
  reaction: APPLICATION_ERROR,
}));

const brokenRoute = mixedWith(0.7, (random) => ({
  route: 'GET /report',
  caller: anyCaller(random),
  reaction: UNREADABLE,
}));

const abuse = (reaction: MixedCall['reaction'], route = 'GET /cards/{id}') =>
  mixedWith(0.8, () => ({ route, caller: 'mallory', reaction }));

/** Every call is good, and the endpoint fails 40 % of them at random. */
const failing = (reaction: MixedCall['reaction']) => (random: () => number) => () =>
  random() < 0.4 ? { ...good(random), reaction } : good(random);

/** A single route with bad and good cards. */
const oneRoute = (random: () => number) => () => {
  const call = { route: 'POST /charges', caller: anyCaller(random), isRead: false };
  return random() < 0.8
    ? { ...call, isGood: false, reaction: APPLICATION_ERROR }
    : { ...call, isGood: true, reaction: OK };
};

const onEach = (mix: Omit<TrafficMix, 'endpoints' | 'perSecond'>): readonly TrafficMix[] =>
  [1, 3].flatMap((endpoints) =>
    [3, 100].map((perSecond) => ({
      ...mix,
      endpoints,
      perSecond,
      name: `${mix.name}, ${endpoints} endpoint(s), ${perSecond} calls a second`,
    })),
  );

/**
 * Mixes with a problem caused by one caller or one route, and mixes with a lone endpoint that answers most of its
 * calls.
 */
export const TRAFFIC_MIXES: readonly TrafficMix[] = [
  ...onEach({ name: 'bad cards at 100 % of one route', calls: badCards }),
  ...onEach({ name: 'bad cards among good ones, on the only route', calls: oneRoute }),
  ...onEach({ name: 'one caller whose calls are errors', calls: abuse(APPLICATION_ERROR) }),
  ...onEach({ name: 'one caller beyond its quota', isIdentified: true, calls: abuse(QUOTA) }),
  ...onEach({ name: 'one caller whose queries outlast the time limit', calls: abuse(SLOW, 'GET /search') }),
  ...onEach({ name: 'one route that answers 200 with text', calls: brokenRoute }),
  ...[3, 100].flatMap((perSecond) =>
    Object.entries({ errors: APPLICATION_ERROR, unavailable: UNAVAILABLE, unreadable: UNREADABLE }).map(
      ([what, reaction]): TrafficMix => ({
        name: `a lone endpoint at 40 % ${what}, ${perSecond} calls a second`,
        endpoints: 1,
        perSecond,
        traffic: { retry: false },
        calls: failing(reaction),
      }),
    ),
  ),
];

/** The same calls for each protocol and stack. */
export const recorded = (mix: TrafficMix, seconds: number, seed: number): readonly MixedCall[] => {
  const next = mix.calls(seeded(seed));
  return Array.from({ length: mix.perSecond * seconds }, (_, index) => next(index));
};

/** A call of a mix as the stack receives it. `index` makes it unique. */
export const callOf = (mixed: MixedCall, index: number, isIdentified: boolean, now: number): Call =>
  restCall(
    {
      route: mixed.route,
      principalKey: mixed.caller,
      isIdentified,
      idempotent: mixed.isRead ?? true,
      deadline: now + 10_000,
    },
    { target: `/${index}` },
  );
