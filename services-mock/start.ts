import { accounts } from './accounts.ts';
import { CallLog } from './call-log.ts';
import { catalog } from './catalog.ts';
import { startControl } from './control.ts';
import { faultsReader } from './fault-schema.ts';
import { Faults } from './faults.ts';
import { DEFAULT_SIZES, type Sizes } from './fixtures.ts';
import { GRPC_HEALTH_ROUTE, startGrpcServer } from './grpc-server.ts';
import type { GrpcService } from './grpc-service.ts';
import type { Address } from './http-server.ts';
import { inventory } from './inventory.ts';
import { issuer } from './issuer.ts';
import type { Listening } from './listen.ts';
import { LOGIN_ROUTES, startLoginServer } from './login/login.ts';
import type { LoginOptions } from './login/provider-configuration.ts';
import { orders } from './orders.ts';
import { REST_HEALTH_ROUTE, startRestServer } from './rest-server.ts';
import type { RestService } from './rest-service.ts';
import type { Stamp, Stamping } from './stamp.ts';

/** The services behind the graph. */
export type BackendName = 'accounts' | 'catalog' | 'orders' | 'inventory';

export type MockName = BackendName | 'issuer' | 'login';

/** Default ports of the mocks. */
export const PORTS: Readonly<Record<MockName, number>> = {
  accounts: 4101,
  catalog: 4102,
  orders: 4103,
  inventory: 4104,
  issuer: 4105,
  login: 4106,
};

export const BACKEND_NAMES: readonly BackendName[] = ['accounts', 'catalog', 'orders', 'inventory'];

export const MOCK_NAMES: readonly MockName[] = [...BACKEND_NAMES, 'issuer', 'login'];

export interface MockOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default 0: any free port. */
  readonly controlPort?: number;
  /** Default: DEFAULT_SIZES. */
  readonly sizes?: Partial<Sizes>;
  /** How records are marked with the subject they are served to. Default `off`. */
  readonly stamp?: Stamp;
  /** Of `login`: origin of the gateway in browsers. Default `http://localhost:4000`. */
  readonly gateway?: string;
  /** Of `login`: seconds for which access tokens are valid. Default 300. */
  readonly tokenSeconds?: number;
  /** Of `login`: public key of the client as a JWK, for `private_key_jwt`. Default: the client has a secret. */
  readonly clientKey?: object;
}

export interface RunningMock {
  readonly name: MockName;
  /** `http://…`, or `grpc://…` for inventory, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly controlUrl: string;
  readonly controlPort: number;
  /** Stops listening and destroys open connections. */
  close(): Promise<void>;
}

/** One service with its faults and log, ready to listen. */
interface Prepared {
  readonly scheme: 'http' | 'grpc';
  readonly log: CallLog;
  readonly faults: Faults;
  readonly readFaults: ReturnType<typeof faultsReader>;
  readonly rotate?: (body: unknown) => object;
  listen(address: Address): Promise<Listening>;
}

const restMock = (service: RestService, stamping: Stamping): Prepared => {
  const [log, faults] = [new CallLog(), new Faults(REST_HEALTH_ROUTE)];
  return {
    scheme: 'http',
    log,
    faults,
    readFaults: faultsReader('rest', [...Object.keys(service), REST_HEALTH_ROUTE]),
    listen: (address) => startRestServer({ service, log, faults, stamping, ...address }),
  };
};

const grpcMock = (proto: URL, name: string, service: GrpcService, stamping: Stamping): Prepared => {
  const [log, faults] = [new CallLog(), new Faults(GRPC_HEALTH_ROUTE)];
  const routes = Object.keys(service).map((method) => `${name}/${method}`);
  return {
    scheme: 'grpc',
    log,
    faults,
    readFaults: faultsReader('grpc', [...routes, GRPC_HEALTH_ROUTE]),
    listen: (address) => startGrpcServer({ proto, name, service, log, faults, stamping, ...address }),
  };
};

const INVENTORY_PROTO = new URL('../schema/inventory/inventory.proto', import.meta.url);

const loginMock = (options: LoginOptions): Prepared => {
  const [log, faults] = [new CallLog(), new Faults(REST_HEALTH_ROUTE)];
  return {
    scheme: 'http',
    log,
    faults,
    readFaults: faultsReader('rest', LOGIN_ROUTES),
    listen: (address) => startLoginServer({ ...options, log, faults, ...address }),
  };
};

const prepare: Readonly<Record<MockName, (sizes: Sizes, stamping: Stamping, options: MockOptions) => Prepared>> = {
  accounts: (sizes, stamping) => restMock(accounts(sizes), stamping),
  catalog: (sizes, stamping) => restMock(catalog(sizes), stamping),
  orders: (sizes, stamping) => restMock(orders(sizes), stamping),
  inventory: (sizes, stamping) => grpcMock(INVENTORY_PROTO, 'inventory.v1.Inventory', inventory(sizes), stamping),
  issuer: () => {
    const { service, rotate } = issuer();
    // Compared literally by verifiers of tokens.
    return { ...restMock(service, { stamp: 'off' }), rotate };
  },
  login: (sizes, _stamping, { gateway = 'http://localhost:4000', tokenSeconds = 300, clientKey }) =>
    loginMock({ sizes, gateway, tokenSeconds, ...(clientKey !== undefined && { clientKey }) }),
};

/**
 * Starts one mock with data, faults and call log of its own.
 *
 * @throws Error that names the address if a port is taken
 */
export const startMock = async (name: MockName, options: MockOptions = {}): Promise<RunningMock> => {
  const { host = '127.0.0.1', port = 0, controlPort = 0, sizes = {}, stamp = 'off' } = options;
  const stamping: Stamping = { stamp };
  const prepared = prepare[name]({ ...DEFAULT_SIZES, ...sizes }, stamping, options);
  const { scheme, listen, ...controlled } = prepared;
  const service = await listen({ host, port });
  const control = await startControl({ ...controlled, stamping, host, port: controlPort }).catch(async (error) => {
    await service.close();
    throw error;
  });
  return {
    name,
    url: `${scheme}://${host}:${service.port}`,
    port: service.port,
    controlUrl: `http://${host}:${control.port}`,
    controlPort: control.port,
    close: async () => {
      await Promise.all([service.close(), control.close()]);
    },
  };
};
