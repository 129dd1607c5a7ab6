import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import type { Override, OverrideAction } from '../../upstream/overrides.ts';
import { readJsonBodies, requireJsonBody } from '../json-body.ts';
import type { Log } from '../log.ts';
import { RefusedError, refusal } from '../refusal.ts';

/** What operators have decided, as the admin listener reads and writes it. */
export interface OverridesPort {
  list(): readonly Override[];
  replace(overrides: readonly Override[]): void;
  /** Names of all upstreams. */
  upstreams(): readonly string[];
  /** Addresses of the endpoints of an upstream; null where there is no such upstream. */
  endpointsOf(upstream: string): readonly string[] | null;
}

const LONGEST_MS = 86_400_000;
const MOST_OVERRIDES = 100;
const LONGEST_TIMEOUT_MS = 600_000;

const Decisions = z.strictObject({
  drain: z.literal(true).optional(),
  circuit: z.enum(['open', 'closed']).optional(),
  timeoutMs: z.int().min(1).max(LONGEST_TIMEOUT_MS).optional(),
  retries: z.literal(false).optional(),
  hedging: z.literal(false).optional(),
});

const actionsOf = (decisions: z.infer<typeof Decisions>): readonly OverrideAction[] => {
  const { drain, circuit, timeoutMs, retries, hedging } = decisions;
  return [
    ...(drain === undefined ? [] : [{ is: 'drain' } as const]),
    ...(circuit === undefined ? [] : [{ is: 'circuit', state: circuit } as const]),
    ...(timeoutMs === undefined ? [] : [{ is: 'timeout', ms: timeoutMs } as const]),
    ...(retries === undefined ? [] : [{ is: 'retries', on: false } as const]),
    ...(hedging === undefined ? [] : [{ is: 'hedging', on: false } as const]),
  ];
};

const Entry = Decisions.extend({
  upstream: z.string().max(200),
  endpoint: z.string().max(300).optional(),
  reason: z.string().trim().min(1, 'must say why').max(500),
  expiresInMs: z.int().min(1).max(LONGEST_MS),
})
  .refine(({ endpoint, drain }) => drain === undefined || endpoint !== undefined, 'drain needs an endpoint')
  .refine(
    ({ endpoint, timeoutMs, retries, hedging }) =>
      endpoint === undefined || (timeoutMs === undefined && retries === undefined && hedging === undefined),
    'timeoutMs, retries and hedging are decided for a whole upstream: leave endpoint out',
  )
  .refine((entry) => actionsOf(entry).length > 0, 'must say one of drain, circuit, timeoutMs, retries, hedging');

type Entry = z.infer<typeof Entry>;

const Body = z.strictObject({ overrides: z.array(Entry, 'must be a list of decisions').max(MOST_OVERRIDES) });

/** What was decided, why, and for which place: as the log has it when it ends. */
export const decided = ({ upstream, endpoint, action, reason }: Override) => ({
  upstream,
  ...(endpoint === undefined ? {} : { endpoint }),
  ...wordsFor(action),
  reason,
});

const shown = (override: Override) => ({ ...decided(override), expiresInMs: override.expiresInMs });

const wordsFor = (action: OverrideAction) => {
  switch (action.is) {
    case 'drain':
      return { drain: true };
    case 'circuit':
      return { circuit: action.state };
    case 'timeout':
      return { timeoutMs: action.ms };
    case 'retries':
      return { retries: action.on };
    case 'hedging':
      return { hedging: action.on };
    default:
      return action satisfies never;
  }
};

/** Overrides as an operator reads and writes them. */
export const shownOverrides = (overrides: readonly Override[]) => overrides.map(shown);

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const mayWrite = (request: FastifyRequest, token: string | null): void => {
  if (token === null)
    throw new RefusedError(
      refusal('BAD_REQUEST', 'Nothing can be changed here before ADMIN_TOKEN is set.', { status: 403 }),
    );
  const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (!timingSafeEqual(digest(given), digest(token)))
    throw new RefusedError(
      refusal('BAD_REQUEST', 'Writes need Authorization: Bearer <ADMIN_TOKEN>.', {
        status: 401,
        headers: { 'www-authenticate': 'Bearer' },
      }),
    );
};

/** An address that has left DNS for a moment: what holds for it can be put again. */
const isDecided = (upstream: string, endpoint: string, port: OverridesPort): boolean =>
  port.list().some((one) => one.upstream === upstream && one.endpoint === endpoint);

const unknownPlaces = (entries: readonly Entry[], port: OverridesPort): readonly string[] =>
  entries.flatMap(({ upstream, endpoint }, at) => {
    const addresses = port.endpointsOf(upstream);
    if (addresses === null)
      return [
        `overrides.${at}.upstream: there is no upstream "${upstream}" (there are ${port.upstreams().join(', ')})`,
      ];
    if (endpoint === undefined || addresses.includes(endpoint) || isDecided(upstream, endpoint, port)) return [];
    const known = addresses.length === 0 ? 'none is known now' : `it has ${addresses.join(', ')}`;
    return [`overrides.${at}.endpoint: ${upstream} has no endpoint "${endpoint}" (${known})`];
  });

/** What is decided, and for which place. */
const placeOf = ({ upstream, endpoint, action }: Override): string =>
  JSON.stringify([upstream, endpoint ?? null, action]);

/** The same thing decided twice for one place. */
const saidTwice = (entries: readonly Entry[]): readonly string[] => {
  const seen = new Set<string>();
  return entries.flatMap((entry, at) =>
    actionsOf(entry).flatMap(({ is }) => {
      const place = JSON.stringify([entry.upstream, entry.endpoint ?? null, is]);
      if (seen.has(place)) return [`overrides.${at}: decides again what an entry before it decides`];
      seen.add(place);
      return [];
    }),
  );
};

/** @throws GatewayError BAD_REQUEST that names everything that is wrong. */
const readBody = (body: unknown, port: OverridesPort): readonly Entry[] => {
  const read = Body.safeParse(body);
  const wrong = read.success
    ? [...unknownPlaces(read.data.overrides, port), ...saidTwice(read.data.overrides)]
    : read.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
  if (read.success && wrong.length === 0) return read.data.overrides;
  throw new GatewayError('BAD_REQUEST', wrong.join('; '));
};

/**
 * `GET /overrides`, and `PUT /overrides`, which puts a whole list in the place of the old one: all of it, or nothing where
 * any of it is wrong. An empty list ends every override.
 */
export const addOverrides = (app: FastifyInstance, port: OverridesPort, token: string | null, log: Log): void => {
  readJsonBodies(app);
  const answer = () => ({ overrides: shownOverrides(port.list()) });
  app.get('/overrides', (_request, reply) => reply.header('cache-control', 'no-store').send(answer()));
  app.route({
    method: ['POST', 'PATCH', 'DELETE'],
    url: '/overrides',
    handler: () => {
      const headers = { allow: 'GET, PUT' };
      throw new RefusedError(refusal('METHOD_NOT_ALLOWED', 'Use GET, or PUT with the whole list.', { headers }));
    },
  });
  const onRequest = [async (request: FastifyRequest) => mayWrite(request, token), requireJsonBody];
  app.put('/overrides', { onRequest }, (request, reply) => {
    const entries = readBody(request.body, port);
    const overrides = entries.flatMap(({ upstream, endpoint, reason, expiresInMs, ...actions }) =>
      actionsOf(actions).map((action): Override => ({ upstream, endpoint, action, reason, expiresInMs })),
    );
    const kept = new Set(overrides.map(placeOf));
    for (const before of port.list())
      if (!kept.has(placeOf(before))) log.warn('An operator has ended a decision.', decided(before));
    port.replace(overrides);
    for (const override of overrides) log.warn('An operator has decided.', shown(override));
    return reply.header('cache-control', 'no-store').send(answer());
  });
};
