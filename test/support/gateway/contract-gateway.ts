import { type Attempts, grpcBackend, type RestReply, restBackend, type Way } from '../backends/contract-backends.ts';
import { paper, shelf } from '../modules/contract-modules.ts';
import { type RunningGateway, startGateway } from './gateway.ts';

export type Protocol = 'rest' | 'grpc';

export interface ContractOptions {
  /** Answer of the REST backend to everything; null for a healthy one. Default null. */
  readonly rest?: RestReply | null;
  /** Answer of the gRPC backend to everything; null for a healthy one. Default null. */
  readonly grpc?: Parameters<typeof grpcBackend>[0];
  readonly paper?: Parameters<typeof paper>[0];
  readonly shelf?: Parameters<typeof shelf>[0];
}

export interface Contract extends RunningGateway {
  readonly attempts: Readonly<Record<Protocol, Attempts>>;
}

/** Both modules over both backends: `await using gateway = await contract(…)`. No state outlives it. */
export const contract = async (options: ContractOptions): Promise<Contract> => {
  const rest = await restBackend(options.rest ?? null);
  const grpc = await grpcBackend(options.grpc ?? null);
  const at = (module: string, endpoints: string) =>
    Object.fromEntries(['CALLS', 'KEYS', 'WRITES'].map((upstream) => [`${module}_${upstream}_ENDPOINTS`, endpoints]));
  const env = { ...at('PAPER', rest.endpoints), ...at('SHELF', grpc.endpoints) };
  const gateway = await startGateway(env, [paper(options.paper), shelf(options.shelf)]);
  return {
    ...gateway,
    attempts: { rest: rest.attempts, grpc: grpc.attempts },
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]();
      await Promise.all([rest[Symbol.asyncDispose](), grpc[Symbol.asyncDispose]()]);
    },
  };
};

/** Coordinates of each way to call a backend. */
export const FIELDS: Readonly<Record<Protocol, Readonly<Record<Way, string>>>> = {
  rest: { calls: 'sheet', keys: 'folder.sheet', writes: 'saveSheet' },
  grpc: { calls: 'record', keys: 'crate.record', writes: 'pressRecord' },
};

/** Queries both modules by a call and by a key. */
export const QUERY = `{
  sheet(id: "s1") { id }  folder { sheet { id } }
  record(id: "r1") { id }  crate { record { id } } }`;

/** The mutation of each protocol. */
export const MUTATIONS: Readonly<Record<Protocol, string>> = {
  rest: 'mutation { saveSheet(id: "s1") { id } }',
  grpc: 'mutation { pressRecord(id: "r1") { id } }',
};
