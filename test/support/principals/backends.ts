import { request } from 'undici';
import { z } from 'zod';
import { AUDIENCE, ISSUER } from '../../../services-mock/issuer.ts';
import { endpointsVariable } from '../../../src/backend/define/endpoints-variable.ts';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import { type StartedMock, startMocks } from './mocks.ts';

const Token = z.object({ access_token: z.string() });
const Calls = z.object({
  calls: z.array(z.object({ ids: z.array(z.string()), servedTo: z.string().nullable() })),
});

/** Maximum number of calls in a mock's log. */
const MAX_CALLS = 50_000;

const LATENCY_MS = 50;

/** Calls of one mock by callers with tokens. */
export interface Received {
  readonly calls: number;
  /** Calls for several ids at once. */
  readonly batches: number;
}

/**
 * The shop's backends, which mark their records with the subject they are served to, and the issuer of the callers'
 * tokens.
 */
export interface Backends {
  /** The gateway's configuration of them. */
  readonly env: Readonly<Record<string, string>>;
  /** Authorization header with a token of this subject. */
  authorizationOf(subject: string): Promise<string>;
  /** Everything they received since the start. */
  received(): Promise<Received>;
  close(): Promise<void>;
}

const receivedBy = async ({ name, controlUrl }: StartedMock): Promise<Received> => {
  const { calls } = Calls.parse(await (await fetch(`${controlUrl}/__calls`)).json());
  if (calls.length >= MAX_CALLS) throw new Error(`${name} received more calls than its log holds.`);
  const withToken = calls.filter(({ servedTo }) => servedTo !== null);
  return { calls: withToken.length, batches: withToken.filter(({ ids }) => ids.length > 1).length };
};

const endpointsOf = (modules: readonly SchemaModule[], urls: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries(
    modules.flatMap((module) =>
      Object.keys(module.upstreams).map((upstream) => [
        endpointsVariable(module.name, upstream),
        // A module in addition to the shop's shows the catalog.
        urls.get(module.name) ?? urls.get('catalog') ?? '',
      ]),
    ),
  );

/** Slow enough for callers to overlap: immediate answers are never in flight for two. */
const slowDown = async ({ name, controlUrl }: StartedMock): Promise<void> => {
  const faults = [{ route: '*', kind: 'latency', ms: LATENCY_MS }];
  const { ok } = await fetch(`${controlUrl}/__faults`, { method: 'PUT', body: JSON.stringify({ faults }) });
  if (!ok) throw new Error(`${name} could not be slowed down.`);
};

/** @param customers maximum number of callers, `c1` the first of them */
export const startBackends = async (modules: readonly SchemaModule[], customers: number): Promise<Backends> => {
  const { mocks, close } = await startMocks({ customers, products: 300, orders: 2 * customers });
  const services = mocks.filter(({ name }) => name !== 'issuer');
  const issuer = mocks.find(({ name }) => name === 'issuer')?.url;
  await Promise.all(services.map(slowDown));
  const urls = new Map(services.map(({ name, url }) => [name, url]));
  return {
    env: {
      ...endpointsOf(modules, urls),
      JWT_ISSUERS: `${ISSUER};audience=${AUDIENCE};jwks=${issuer}/.well-known/jwks.json`,
    },
    authorizationOf: async (sub) => {
      const { body } = await request(`${issuer}/token`, { method: 'POST', body: JSON.stringify({ sub }) });
      return `Bearer ${Token.parse(await body.json()).access_token}`;
    },
    received: async () => {
      const all = await Promise.all(services.map(receivedBy));
      return {
        calls: all.reduce((sum, { calls }) => sum + calls, 0),
        batches: all.reduce((sum, { batches }) => sum + batches, 0),
      };
    },
    close,
  };
};
