import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import type { Log } from '../../telemetry/log/log.ts';
import { FAULTS } from '../../upstream/faults/fault-options.ts';
import { STATUS_CODES } from '../../upstream/grpc/status.ts';
import type { Override, OverrideAction } from '../../upstream/operations/overrides.ts';
import {
  MAX_ROUTING_ROUTES,
  ROUTE,
  unknownSubsets,
  type Weights,
  weightsFix,
} from '../../upstream/routing/route-options.ts';
import { requireJsonBody } from '../graphql/json-body.ts';
import { adminRejection, requireToken } from './write-token.ts';

/** Access of the admin listener to the overrides. */
export interface OverridesPort {
  list(): readonly Override[];
  replace(overrides: readonly Override[]): void;
  /** Names of all upstreams. */
  upstreams(): readonly string[];
  /** Addresses of the endpoints of an upstream; null for an unknown upstream. */
  endpointsOf(upstream: string): readonly string[] | null;
  /** False unless FAULT_INJECTION is on. */
  readonly mayInjectFaults: boolean;
  /** Protocol of an upstream; null for an unknown one. */
  protocolOf(upstream: string): 'rest' | 'grpc' | null;
  /** Names of the subsets of an upstream; empty for one without routes. */
  subsetsOf(upstream: string): readonly string[];
}

const MAX_DURATION_MS = 86_400_000;
const MAX_OVERRIDES = 100;
const MAX_TIMEOUT_MS = 600_000;

const Actions = z.strictObject({
  drain: z.literal(true).optional(),
  circuit: z.enum(['open', 'closed']).optional(),
  timeoutMs: z.int().min(1).max(MAX_TIMEOUT_MS).optional(),
  retries: z.literal(false).optional(),
  hedging: z.literal(false).optional(),
  weights: z
    .custom<Weights>((value) => weightsFix(value) === null, { error: ({ input }) => weightsFix(input) ?? '' })
    .optional(),
  faults: FAULTS.optional(),
  routes: z.array(ROUTE).min(1).max(MAX_ROUTING_ROUTES).optional(),
});

const actionsOf = (actions: z.infer<typeof Actions>): readonly OverrideAction[] => {
  const { drain, circuit, timeoutMs, retries, hedging, weights, routes, faults } = actions;
  return [
    ...(drain === undefined ? [] : [{ is: 'drain' } as const]),
    ...(circuit === undefined ? [] : [{ is: 'circuit', state: circuit } as const]),
    ...(timeoutMs === undefined ? [] : [{ is: 'timeout', ms: timeoutMs } as const]),
    ...(retries === undefined ? [] : [{ is: 'retries', on: false } as const]),
    ...(hedging === undefined ? [] : [{ is: 'hedging', on: false } as const]),
    ...(weights === undefined ? [] : [{ is: 'weights', weights } as const]),
    ...(faults === undefined ? [] : [{ is: 'faults', faults } as const]),
    ...(routes === undefined ? [] : [{ is: 'routes', routes } as const]),
  ];
};

const Entry = Actions.extend({
  upstream: z.string().max(200),
  endpoint: z.string().max(300).optional(),
  reason: z.string().trim().min(1, 'must not be empty').max(500),
  expiresInMs: z.int().min(1).max(MAX_DURATION_MS),
})
  .refine(({ endpoint, drain }) => drain === undefined || endpoint !== undefined, 'drain requires endpoint')
  .refine(
    ({ endpoint, drain: _drain, circuit: _circuit, ...actions }) =>
      endpoint === undefined || actionsOf(actions).length === 0,
    'only drain and circuit apply to one endpoint: remove endpoint',
  )
  .refine((entry) => actionsOf(entry).length > 0, `must contain one of ${Object.keys(Actions.shape).join(', ')}`);

type Entry = z.infer<typeof Entry>;

/** Fields of an override for the log: target, action and reason. */
export const overrideFields = ({ upstream, endpoint, action, reason }: Override) => ({
  upstream,
  ...(endpoint === undefined ? {} : { endpoint }),
  ...actionFields(action),
  reason,
});

const shown = (override: Override) => ({ ...overrideFields(override), expiresInMs: override.expiresInMs });

const actionFields = (action: OverrideAction) => {
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
    case 'weights':
      return { weights: action.weights };
    case 'faults':
      return { faults: action.faults };
    case 'routes':
      return { routes: action.routes };
    default:
      return action satisfies never;
  }
};

/** Overrides in the format of `GET /overrides` and `PUT /overrides`. */
export const shownOverrides = (overrides: readonly Override[]) => overrides.map(shown);

const mayWrite = (request: FastifyRequest, token: string | null): void => {
  if (token === null) throw adminRejection('FORBIDDEN', 'Writes are disabled: set ADMIN_TOKEN to enable them.');
  requireToken(request, [token], '<ADMIN_TOKEN>');
};

/** True if an override for this endpoint is in force. It can be sent again even if DNS no longer lists the address. */
const hasOverride = (upstream: string, endpoint: string, port: OverridesPort): boolean =>
  port.list().some((one) => one.upstream === upstream && one.endpoint === endpoint);

/** The reason for which the target of an entry is unknown; null for a known one. */
const unknownTarget = ({ upstream, endpoint }: Entry, port: OverridesPort): string | null => {
  const addresses = port.endpointsOf(upstream);
  if (addresses === null) return `upstream: unknown upstream "${upstream}" (known: ${port.upstreams().join(', ')})`;
  if (endpoint === undefined || addresses.includes(endpoint) || hasOverride(upstream, endpoint, port)) return null;
  const known = addresses.length === 0 ? 'none' : addresses.join(', ');
  return `endpoint: unknown endpoint "${endpoint}" of ${upstream} (known: ${known})`;
};

/** Problems of routes and weights that name no subset of the upstream. */
const unknownNames = ({ upstream, weights, routes = [] }: Entry, port: OverridesPort): readonly string[] => {
  if (weights === undefined && routes.length === 0) return [];
  const subsets = port.subsetsOf(upstream);
  if (subsets.length === 0) return [`upstream: ${upstream} has no routing, so that its routes cannot be changed`];
  const known = `(known: ${subsets.join(', ')})`;
  return [
    ...Object.keys(weights ?? {})
      .filter((name) => !subsets.includes(name))
      .map((name) => `weights: unknown subset "${name}" ${known}`),
    ...unknownSubsets(routes, subsets).map(
      ({ path, name }) => `routes.${path.join('.')}: unknown subset "${name}" ${known}`,
    ),
  ];
};

/** Problems of faults: fault injection is off, or a status belongs to the other protocol. */
const wrongFaults = ({ upstream, faults = [] }: Entry, port: OverridesPort): readonly string[] => {
  if (faults.length === 0) return [];
  if (!port.mayInjectFaults) return ['faults: fault injection is off: set FAULT_INJECTION=on'];
  const isGrpc = port.protocolOf(upstream) === 'grpc';
  const isOther = (abort: number | string | undefined) =>
    abort !== undefined &&
    abort !== 'reset' &&
    (isGrpc ? !Object.hasOwn(STATUS_CODES, abort) : typeof abort === 'string');
  return faults.some(({ abort }) => isOther(abort))
    ? [`faults: ${upstream} has ${isGrpc ? 'names of gRPC statuses' : 'HTTP statuses'}: use one of these as abort`]
    : [];
};

/** Identity of an override: target and action. */
const identityOf = ({ upstream, endpoint, action }: Override): string =>
  JSON.stringify([upstream, endpoint ?? null, action]);

/** Problems of entries that repeat the same kind of action for the same target. */
const duplicateActions = (entries: readonly Entry[]): readonly string[] => {
  const seen = new Set<string>();
  return entries.flatMap((entry, at) =>
    actionsOf(entry).flatMap(({ is }) => {
      const target = JSON.stringify([entry.upstream, entry.endpoint ?? null, is]);
      if (seen.has(target)) return [`overrides.${at}: repeats an action of an earlier entry for the same target`];
      seen.add(target);
      return [];
    }),
  );
};

const Body = z.strictObject({ overrides: z.array(z.unknown(), 'must be a list of overrides').max(MAX_OVERRIDES) });

const issuesOf = ({ issues }: z.ZodError, at: readonly PropertyKey[]): readonly string[] =>
  issues.map(({ path, message }) => `${[...at, ...path].join('.') || 'the body'}: ${message}`);

/** @throws GatewayError BAD_REQUEST with the problems of all entries */
const readBody = (body: unknown, port: OverridesPort): readonly Entry[] => {
  const read = Body.safeParse(body);
  if (!read.success) throw new GatewayError('BAD_REQUEST', issuesOf(read.error, []).join('; '));
  const entries: Entry[] = [];
  const problems = read.data.overrides.flatMap((one, at) => {
    const entry = Entry.safeParse(one);
    if (!entry.success) return issuesOf(entry.error, ['overrides', at]);
    entries.push(entry.data);
    const unknown = unknownTarget(entry.data, port);
    const wrong = unknown === null ? [...unknownNames(entry.data, port), ...wrongFaults(entry.data, port)] : [unknown];
    return wrong.map((problem) => `overrides.${at}.${problem}`);
  });
  if (problems.length === 0) problems.push(...duplicateActions(entries));
  if (problems.length > 0) throw new GatewayError('BAD_REQUEST', problems.join('; '));
  return entries;
};

/**
 * Adds `GET /overrides`, and `PUT /overrides`, which replaces the whole list. A list with any invalid entry changes
 * nothing. An empty list removes every override.
 */
export const addOverrides = (app: FastifyInstance, port: OverridesPort, token: string | null, log: Log): void => {
  const answer = () => ({ overrides: shownOverrides(port.list()) });
  app.get('/overrides', (_request, reply) => reply.header('cache-control', 'no-store').send(answer()));
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    mayWrite(request, token);
    requireJsonBody(request.headers);
  };
  app.put('/overrides', { onRequest }, (request, reply) => {
    const entries = readBody(request.body, port);
    const overrides = entries.flatMap(({ upstream, endpoint, reason, expiresInMs, ...actions }) =>
      actionsOf(actions).map((action): Override => ({ upstream, endpoint, action, reason, expiresInMs })),
    );
    const kept = new Set(overrides.map(identityOf));
    const removed = port.list().filter((before) => !kept.has(identityOf(before)));
    port.replace(overrides);
    const audit = (event: 'override.set' | 'override.removed', target: object) =>
      request.exchange.audit({ event, actor: { kind: 'operator' }, outcome: 'success', target: { ...target } });
    for (const override of removed) {
      log.warn('Override removed.', overrideFields(override));
      audit('override.removed', overrideFields(override));
    }
    for (const override of overrides) {
      log.warn('Override set.', shown(override));
      audit('override.set', shown(override));
    }
    return reply.header('cache-control', 'no-store').send(answer());
  });
};
