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
import type { Listening } from './listen.ts';
import { orders } from './orders.ts';
import { REST_HEALTH_ROUTE, startRestServer } from './rest-server.ts';
import type { RestService } from './rest-service.ts';

export type MockName = 'accounts' | 'catalog' | 'orders' | 'inventory';

/** The port each mock has unless told otherwise. */
export const PORTS: Readonly<Record<MockName, number>> = {
  accounts: 4101,
  catalog: 4102,
  orders: 4103,
  inventory: 4104,
};

export const MOCK_NAMES: readonly MockName[] = ['accounts', 'catalog', 'orders', 'inventory'];

export interface MockOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default 0: any free port. */
  readonly controlPort?: number;
  /** What is not given is as in DEFAULT_SIZES. */
  readonly sizes?: Partial<Sizes>;
}

export interface RunningMock {
  readonly name: MockName;
  /** `http://…`, or `grpc://…` for inventory; no slash at the end. */
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
  listen(address: Address): Promise<Listening>;
}

const restMock = (service: RestService): Prepared => {
  const [log, faults] = [new CallLog(), new Faults(REST_HEALTH_ROUTE)];
  return {
    scheme: 'http',
    log,
    faults,
    readFaults: faultsReader('rest', [...Object.keys(service), REST_HEALTH_ROUTE]),
    listen: (address) => startRestServer({ service, log, faults, ...address }),
  };
};

const grpcMock = (proto: URL, name: string, service: GrpcService): Prepared => {
  const [log, faults] = [new CallLog(), new Faults(GRPC_HEALTH_ROUTE)];
  const routes = Object.keys(service).map((method) => `${name}/${method}`);
  return {
    scheme: 'grpc',
    log,
    faults,
    readFaults: faultsReader('grpc', [...routes, GRPC_HEALTH_ROUTE]),
    listen: (address) => startGrpcServer({ proto, name, service, log, faults, ...address }),
  };
};

const INVENTORY_PROTO = new URL('../schema/inventory/inventory.proto', import.meta.url);

const prepare: Readonly<Record<MockName, (sizes: Sizes) => Prepared>> = {
  accounts: (sizes) => restMock(accounts(sizes)),
  catalog: (sizes) => restMock(catalog(sizes)),
  orders: (sizes) => restMock(orders(sizes)),
  inventory: (sizes) => grpcMock(INVENTORY_PROTO, 'inventory.v1.Inventory', inventory(sizes)),
};

/**
 * Starts one mock with data, faults and call log of its own.
 *
 * @throws Error that names the address where a port is taken
 */
export const startMock = async (name: MockName, options: MockOptions = {}): Promise<RunningMock> => {
  const { host = '127.0.0.1', port = 0, controlPort = 0, sizes = {} } = options;
  const { scheme, log, faults, readFaults, listen } = prepare[name]({ ...DEFAULT_SIZES, ...sizes });
  const service = await listen({ host, port });
  const control = await startControl({ log, faults, readFaults, host, port: controlPort }).catch(async (error) => {
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
