import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import { z } from 'zod';
import accounts from '../../../schema/accounts/index.ts';
import catalog from '../../../schema/catalog/index.ts';
import inventory from '../../../schema/inventory/index.ts';
import orders from '../../../schema/orders/index.ts';
import { DEFAULT_SIZES, type Sizes } from '../../../services-mock/fixtures.ts';
import { BACKEND_NAMES, type BackendName, type RunningMock, startMock } from '../../../services-mock/start.ts';
import { callsOf, setFaults } from '../../../services-mock/test-clients.ts';
import { connectAll, requiredEndpoints, requiredSecrets } from '../../../src/app/upstream-registry.ts';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import { readSecrets } from '../../../src/config/secrets/read-secrets.ts';
import { secretStore } from '../../../src/config/secrets/secret-store.ts';
import { readConfig } from '../../../src/config/settings.ts';
import { type Clock, systemClock } from '../../../src/core/clock.ts';
import { buildGateway } from '../../../src/graph/build-gateway.ts';
import { createAdminListener } from '../../../src/http/admin/admin-listener.ts';
import { createPublicListener } from '../../../src/http/graphql/public-listener.ts';
import { startServer } from '../../../src/http/listener/server.ts';
import type { Log } from '../../../src/telemetry/log/log.ts';
import { signedIn } from '../../../src/testing/signed-in.ts';
import { trusting } from '../auth/authenticators.ts';
import { startNode } from '../processes/processes.ts';
import { withoutHeadersTimeout } from './without-headers-timeout.ts';

type Env = Readonly<Record<string, string>>;
type Headers = Readonly<Record<string, string>>;
type Variables = Readonly<Record<string, unknown>>;

const Body = z.looseObject({
  data: z.unknown().optional(),
  errors: z
    .array(
      z.strictObject({
        message: z.string(),
        locations: z.array(z.unknown()).optional(),
        path: z.array(z.union([z.string(), z.int()])).optional(),
        extensions: z.looseObject({ code: z.string(), requestId: z.string() }),
      }),
    )
    .default([]),
});

export interface Answer extends z.infer<typeof Body> {
  readonly status: number;
  readonly text: string;
}

/** A gateway that listens on free local ports. */
export interface RunningGateway extends AsyncDisposable {
  /** URL of POST /graphql. */
  readonly url: URL;
  readonly adminUrl: URL;
  query(document: string, variables?: Variables, headers?: Headers): Promise<Answer>;
}

/** Headers of a user with every permission. */
export const ADMIN: Headers = { authorization: 'Bearer admin' };

// An answer without `data`. The type of `data` depends on the query.
const LEAK =
  /undici|ECONN|node_modules|stack|127\.0\.0\.1|localhost|http2|grpc|protobuf|zod|graphql-tools|\.ts\b|\b(accounts|catalog|inventory)\b|orders\.orders/i;

const runQuery = async (
  url: URL,
  document: string,
  variables: Variables = {},
  headers: Headers = {},
): Promise<Answer> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: document, variables }),
  });
  const text = await response.text();
  const { data, ...rest } = Body.parse(JSON.parse(text));
  // Quotes a rejected document.
  if (response.status === 200) expect(JSON.stringify(rest)).not.toMatch(LEAK);
  return { status: response.status, text, data, ...rest };
};

/** The modules of schema/. */
export const SHOP: readonly SchemaModule[] = [accounts, catalog, inventory, orders];

const SILENT: Log = { warn: () => {}, error: () => {} };

/** Accepts the identity in a token without a check: `Bearer admin` is an administrator. Tokens are tested elsewhere. */
const TRUSTING = trusting((subject) => signedIn({ subject, scopes: ['stock:write'], roles: [subject] }));

const FREE_PORTS: Env = { PORT: '0', HOST: '127.0.0.1', ADMIN_PORT: '0' };

/** Default limits in milliseconds: no outcome of a call depends on the load of the machine. */
const PATIENT_REQUEST_MS = 200_000;
const PATIENT_ATTEMPT_MS = 150_000;
const PATIENT_CONNECT_MS = 100_000;

/** Timeouts of attempts in milliseconds, by module. Default: that of the upstream, or 150,000. */
type Timeouts = Readonly<Record<string, number>>;

export interface CallTimes {
  readonly timeoutsMs?: Timeouts;
  /** Clock of the calls to backends. Default: the system's. */
  readonly clock?: Clock;
}

export interface GatewayTimes extends CallTimes {
  /** Receives what executions report. Default: nothing. */
  readonly report?: NonNullable<Parameters<typeof buildGateway>[0]['report']>;
}

const withTimeouts = (module: SchemaModule, timeoutsMs: Timeouts): SchemaModule => ({
  ...module,
  upstreams: Object.fromEntries(
    Object.entries(module.upstreams).map(([name, upstream]) => [
      name,
      { ...upstream, timeoutMs: timeoutsMs[module.name] ?? upstream.timeoutMs ?? PATIENT_ATTEMPT_MS },
    ]),
  ),
});

/** A gateway of these modules in this process, assembled and configured by `env` as the program is. */
export const startGateway = async (
  env: Env,
  modules: readonly SchemaModule[] = SHOP,
  { timeoutsMs = {}, clock = systemClock, report = {} }: GatewayTimes = {},
): Promise<RunningGateway> => {
  const limits = { REQUEST_TIMEOUT_MS: String(PATIENT_REQUEST_MS) };
  const { settings, required } = readConfig({ ...FREE_PORTS, ...limits, ...env }, requiredEndpoints(modules));
  const { found, problems } = readSecrets(env, requiredSecrets(modules));
  expect(problems).toEqual([]);
  const secrets = secretStore(found, clock);
  const upstreams = connectAll(
    modules.map((module) => withTimeouts(module, timeoutsMs)),
    required,
    { clock, secrets, connectTimeoutMs: PATIENT_CONNECT_MS },
  );
  const gateway = buildGateway({
    modules,
    connect: upstreams.connect,
    introspection: settings.INTROSPECTION === 'on',
    execution: settings.EXECUTION,
    report,
  });
  await gateway.start();
  const listeners: FastifyInstance[] = [];
  const kept = (listener: FastifyInstance): FastifyInstance => {
    listeners.push(listener);
    return withoutHeadersTimeout(listener);
  };
  const common = { clock: systemClock, log: SILENT };
  const server = await startServer({
    clock: systemClock,
    listeners: (readiness) => ({
      public: kept(
        createPublicListener({
          ...common,
          authenticator: TRUSTING,
          gateway,
          readiness,
          config: {
            requestTimeoutMs: settings.REQUEST_TIMEOUT_MS,
            maxBodyBytes: settings.MAX_BODY_BYTES,
            corsOrigins: [],
            explorer: false,
          },
        }),
      ),
      admin: kept(createAdminListener({ ...common, readiness, health: upstreams.health })),
    }),
    public: { host: settings.HOST, port: settings.PORT, portVariable: 'PORT', hostVariable: 'HOST' },
    admin: { host: settings.HOST, port: settings.ADMIN_PORT, portVariable: 'ADMIN_PORT', hostVariable: 'ADMIN_HOST' },
    drain: { graceMs: 100 },
  });
  const url = new URL('/graphql', server.publicUrl);
  return {
    url,
    adminUrl: server.adminUrl,
    query: (...asked) => runQuery(url, ...asked),
    [Symbol.asyncDispose]: async () => {
      // Idle connections of clients would keep the listeners open for a second.
      for (const listener of listeners) listener.server.closeAllConnections();
      await server.stop();
      await gateway.stop();
      await upstreams.close();
      secrets.close();
    },
  };
};

/** The gateway of schema/ as a program. */
export const startGatewayProcess = async (env: Env): Promise<RunningGateway> => {
  const running = startNode('src/main.ts', [], { env: { ...FREE_PORTS, ...env } });
  const [, graphql = '', admin = ''] = await running.waitFor(/ready: (\S+) \(admin (\S+)\)/);
  const url = new URL(graphql);
  return {
    url,
    adminUrl: new URL(admin),
    query: (...asked) => runQuery(url, ...asked),
    [Symbol.asyncDispose]: async () => {
      await running.stop('SIGKILL');
    },
  };
};

/** Endpoints variable of each mock. */
export const VARIABLES: Readonly<Record<BackendName, string>> = {
  accounts: 'ACCOUNTS_CUSTOMERS_ENDPOINTS',
  catalog: 'CATALOG_PRODUCTS_ENDPOINTS',
  orders: 'ORDERS_ORDERS_ENDPOINTS',
  inventory: 'INVENTORY_STOCK_ENDPOINTS',
};

export type LoggedCall = Awaited<ReturnType<typeof callsOf>>[number];

export interface ShopOptions extends GatewayTimes {
  /** Numbers of rows of the mocks. */
  readonly sizes?: Partial<Sizes>;
  /** Variables for the gateway; endpoints in here replace the mocks'. */
  readonly env?: Env;
  /** Starts the gateway. Default: in this process. */
  readonly start?: (...options: Parameters<typeof startGateway>) => Promise<RunningGateway>;
}

/** The four mocks, and a gateway over them. */
export interface Shop extends RunningGateway {
  readonly sizes: Sizes;
  /** Calls that each mock received, in order of arrival. */
  calls(): Promise<Record<BackendName, readonly LoggedCall[]>>;
  /** Empties the call logs of the mocks. */
  clearCalls(): Promise<void>;
  /** Replaces the faults of one mock. */
  setFaults(mock: BackendName, ...faults: readonly unknown[]): Promise<void>;
  /** Ends one mock; its port is closed. */
  end(mock: BackendName): Promise<void>;
}

const byName = async <Value>(make: (name: BackendName) => Promise<Value>): Promise<Record<BackendName, Value>> => {
  const [one, two, three, four] = await Promise.all([
    make('accounts'),
    make('catalog'),
    make('orders'),
    make('inventory'),
  ]);
  return { accounts: one, catalog: two, orders: three, inventory: four };
};

/** Starts mocks and gateway, all on free ports: `await using shop = await startShop()`. */
export const startShop = async ({ sizes, env, start = startGateway, ...times }: ShopOptions = {}): Promise<Shop> => {
  const mocks: Record<BackendName, RunningMock> = await byName((name) => startMock(name, { sizes: sizes ?? {} }));
  const endpoints = Object.fromEntries(BACKEND_NAMES.map((name) => [VARIABLES[name], mocks[name].url]));
  const gateway = await start({ ...endpoints, ...env }, SHOP, times);
  const ended = new Set<BackendName>();
  const end = async (name: BackendName): Promise<void> => {
    if (ended.has(name)) return;
    ended.add(name);
    await mocks[name].close();
  };
  return {
    ...gateway,
    sizes: { ...DEFAULT_SIZES, ...sizes },
    calls: () => byName((name) => callsOf(mocks[name])),
    clearCalls: async () => {
      await byName(async (name) => {
        await fetch(`${mocks[name].controlUrl}/__calls`, { method: 'DELETE' });
      });
    },
    setFaults: (name, ...faults) => setFaults(mocks[name], ...faults),
    end,
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]();
      await Promise.all(BACKEND_NAMES.map(end));
    },
  };
};

/** Every error of an answer as `<path> <code>`, sorted. */
export const errorsOf = ({ errors }: Pick<Answer, 'errors'>): string[] =>
  errors.map(({ path = [], extensions }) => `${path.join('.')} ${extensions.code}`).sort();

interface AnyAnswer {
  readonly data?: unknown;
  readonly errors?:
    | readonly { readonly message: string; readonly path?: readonly (string | number)[] | undefined }[]
    | undefined;
}

/** Asserts that every error has a path, and that the path leads to a null in the data. */
export const expectErrorsAtNulls = ({ data, errors = [] }: AnyAnswer): void => {
  for (const { path, message } of errors) {
    expect(path, message).toBeDefined();
    let value: unknown = data;
    for (const step of path ?? []) {
      if (value === null) break;
      expect(Object.hasOwn(Object(value), step), `${path?.join('.')} is in the data`).toBe(true);
      value = Reflect.get(Object(value), step);
    }
    expect(value, `${path?.join('.')}: ${message}`).toBeNull();
  }
};
