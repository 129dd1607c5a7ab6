import { rmSync } from 'node:fs';
import { systemClock } from '../../../src/core/clock.ts';
import { buildGateway, type Gateway } from '../../../src/graph/build-gateway.ts';
import type { ExecutionMode } from '../../../src/graph/execution-mode.ts';
import { createPublicListener } from '../../../src/http/graphql/public-listener.ts';
import type { Principal } from '../../../src/request/principal.ts';
import { trusting } from '../../support/auth/authenticators.ts';
import { listeningApp } from '../../support/http/listening-app.ts';
import { emptyFolder } from '../../support/processes/checkout.ts';
import type { Model } from '../modules/model.ts';
import { modulesOf } from '../modules/modules.ts';
import type { World } from '../modules/world.ts';
import { admits } from '../pair.ts';

/** A gateway over random modules that listens, with the direct edge or without it. */
export interface ServedEdge extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly world: World;
  readonly url: string;
  /** Number of requests that passed Fastify's hooks, and of operations in Apollo's pipeline or by a known document. */
  readonly passed: { fastify: number; executed: number };
}

/** Far above the duration of any operation. */
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_BODY_BYTES = 1_048_576;
/** The documents of the oracle are wider and deeper than those of clients. */
const LIMITS = { maxTokens: 100_000, maxDepth: 200, maxAliases: 10_000, maxRootFields: 10_000, maxDirectives: 10_000 };

/** The credential of a principal for the listener of `startEdge`. */
export const credentialOf = (principal: Principal): string =>
  `Bearer ${Buffer.from(JSON.stringify(principal)).toString('base64url')}`;

const principalOf = (token: string): Principal => JSON.parse(Buffer.from(token, 'base64url').toString());

const gatewayOver = (model: Model, execution: ExecutionMode, isDirect: boolean) => {
  // The SDL of services is read from files when a gateway is built.
  const folder = emptyFolder();
  try {
    const { modules, world, connect } = modulesOf(model, folder);
    const gateway = buildGateway({
      modules,
      connect,
      execution,
      knownOperations: isDirect,
      limits: LIMITS,
      openLimiter: ({ limit }) => ({
        consume: async () => ({ admitted: admits(limit), remaining: 0, resetMs: 1 }),
      }),
    });
    return { gateway, world };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** @throws ConfigurationError for modules that do not compose */
export const startEdge = async (model: Model, execution: ExecutionMode, isDirect: boolean): Promise<ServedEdge> => {
  const { gateway, world } = gatewayOver(model, execution, isDirect);
  await gateway.start();
  const passed = { fastify: 0, executed: 0 };
  const app = createPublicListener({
    gateway: {
      execute: (params, context) => {
        passed.executed += 1;
        return gateway.execute(params, context);
      },
    },
    clock: systemClock,
    authenticator: trusting(principalOf),
    config: {
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      maxBodyBytes: MAX_BODY_BYTES,
      corsOrigins: [],
      explorer: false,
    },
    readiness: () => true,
    log: { warn: () => {}, error: () => {} },
    directEdge: isDirect,
  });
  app.addHook('onRequest', (_request, _reply, done) => {
    passed.fastify += 1;
    done();
  });
  const { origin, [Symbol.asyncDispose]: close } = await listeningApp(app, gateway);
  return {
    gateway,
    world,
    passed,
    url: `${origin}/graphql`,
    [Symbol.asyncDispose]: close,
  };
};
