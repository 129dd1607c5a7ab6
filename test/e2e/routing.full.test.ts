import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { AUDIENCE, ISSUER, startIssuer, type TestIssuer } from '../support/auth/issuer.ts';
import { emptyFolder, writeIn } from '../support/processes/checkout.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { portOf } from '../support/processes/ports.ts';
import { startNode } from '../support/processes/processes.ts';

const PROTO = `
syntax = "proto3";
package versions.v1;
service Versions {
  rpc Read(ReadRequest) returns (Version) { option idempotency_level = NO_SIDE_EFFECTS; }
}
message ReadRequest { int32 id = 1; }
message Version { string name = 1; }
`;

/** Each field reads the version of the server that a call reached, over REST or over gRPC. */
const MODULE = `
import { defineBackend, grpc, rest } from 'tributary/backend';
import { z } from 'zod';
const text: string = \`
  input Place { region: String }
  type Query {
    rest(id: Int! = 0, place: Place): String
    grpc(id: Int! = 0, place: Place): String
    restSplit(id: Int!): String
    grpcSplit(id: Int!): String
  }
  type Mutation { rest: String grpc: String }
\`;
const subsets = { v1: { version: 'v1' }, v2: { version: 'v2' } };
const rules = (name) => ({
  subsets,
  routes: [
    { when: { header: { 'x-beta': 'on' } }, to: 'v2' },
    { when: { header: { 'x-beta': 'safe' } }, to: 'v2', fallback: 'v1' },
    { when: { cookie: { beta: 'on' } }, to: 'v2' },
    { when: { claim: { plan: ['gold', 'silver'] } }, to: 'v2' },
    { when: { argument: { [name + '.place.region']: 'eu-*' } }, to: 'v2' },
    { when: { client: 'ios', clientVersion: '2.*' }, to: 'v2' },
    { when: { operation: 'Next*' }, to: 'v2' },
    { when: { kind: 'mutation' }, to: 'v2' },
    { to: 'v1' },
  ],
});
const split = {
  subsets,
  routes: [
    { when: { claim: { sub: true } }, to: { v1: 50, v2: 50 }, sticky: { claim: 'sub' } },
    { to: { v1: 90, v2: 10 } },
  ],
};
const proto = { proto: './versions.proto', service: 'versions.v1.Versions' };
const overRest = (client) => async (_root, { id = 0 }, { clients }) =>
  clients[client].get('/versions/{id}', { path: { id }, response: z.string() });
const overGrpc = (client) => async (_root, { id = 0 }, { clients }) => (await clients[client].read({ id })).name;
export default defineBackend()({
  name: 'versions',
  typeDefs: { text, file: import.meta.filename },
  upstreams: {
    rest: rest({ routing: rules('rest') }),
    grpc: grpc({ ...proto, routing: rules('grpc') }),
    restSplit: rest({ routing: split }),
    grpcSplit: grpc({ ...proto, routing: split }),
  },
  resolvers: {
    Query: {
      rest: overRest('rest'),
      grpc: overGrpc('grpc'),
      restSplit: overRest('restSplit'),
      grpcSplit: overGrpc('grpcSplit'),
    },
    Mutation: { rest: overRest('rest'), grpc: overGrpc('grpc') },
  },
});
`;

const PROTOCOLS = ['rest', 'grpc'] as const;
type Protocol = (typeof PROTOCOLS)[number];

interface VersionServer {
  readonly endpoint: string;
  calls(): number;
  stop(): void;
}

const restServer = async (version: string): Promise<VersionServer> => {
  let calls = 0;
  const server = createServer((_request, response) => {
    calls += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(version));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${portOf(server)};labels=version:${version}`,
    calls: () => calls,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

/** A server of @grpc/grpc-js. */
const grpcServer = async (version: string, protoFile: string): Promise<VersionServer> => {
  let calls = 0;
  const definition = loadSync(protoFile)['versions.v1.Versions'];
  if (definition === undefined || 'format' in definition) throw new Error('the service is not declared');
  const server = new Server();
  server.addService(definition, {
    read: (_call: ServerUnaryCall<unknown, unknown>, answer: sendUnaryData<unknown>) => {
      calls += 1;
      answer(null, { name: version });
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, at) =>
      error === null ? resolve(at) : reject(error),
    ),
  );
  return {
    endpoint: `grpc://127.0.0.1:${port};labels=version:${version}`,
    calls: () => calls,
    stop: () => server.forceShutdown(),
  };
};

const Answer = z.object({
  data: z.record(z.string(), z.string().nullable()).nullish(),
  errors: z.array(z.object({ extensions: z.object({ code: z.string() }) })).optional(),
});

/** Two servers of each protocol, one of each version, and a gateway process. */
const start = async (issuer: TestIssuer) => {
  const folder = emptyFolder();
  writeIn(folder, 'versions/index.ts', MODULE);
  writeIn(folder, 'versions/versions.proto', PROTO);
  const protoFile = join(folder, 'versions/versions.proto');
  const servers: Readonly<Record<Protocol, readonly [VersionServer, VersionServer]>> = {
    rest: [await restServer('v1'), await restServer('v2')],
    grpc: [await grpcServer('v1', protoFile), await grpcServer('v2', protoFile)],
  };
  const endpoints = (protocol: Protocol) => servers[protocol].map(({ endpoint }) => endpoint).join(',');
  const running = startNode('src/main.ts', [], {
    env: {
      ...{ PORT: '0', HOST: '127.0.0.1', ADMIN_PORT: '0', LOG_LEVEL: 'error', CLIENT_RATE_LIMIT: 'off' },
      ...{ SCHEMA_DIR: folder, MAX_ROOT_FIELDS: '100', REQUEST_TIMEOUT_MS: '60000' },
      JWT_ISSUERS: `${ISSUER};audience=${AUDIENCE};jwks=${issuer.jwksUrl}`,
      ...{ VERSIONS_REST_ENDPOINTS: endpoints('rest'), VERSIONS_REST_SPLIT_ENDPOINTS: endpoints('rest') },
      ...{ VERSIONS_GRPC_ENDPOINTS: endpoints('grpc'), VERSIONS_GRPC_SPLIT_ENDPOINTS: endpoints('grpc') },
    },
  });
  const [, graphql = ''] = await running.waitFor(/ready: (\S+)/);
  const send = async (query: string, headers: Readonly<Record<string, string>> = {}, variables = {}) => {
    const response = await fetch(graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return Answer.parse(await response.json());
  };
  return {
    servers,
    send,
    /** The versions of `count` calls, 100 in a request. */
    versions: async (field: string, count: number, headers: Readonly<Record<string, string>> = {}) => {
      const found: (string | null)[] = [];
      for (let from = 0; from < count; from += 100) {
        const fields = Array.from({ length: Math.min(100, count - from) }, (_, at) => `a${at}: ${field}(id: ${at})`);
        const { data, errors } = await send(`{ ${fields.join(' ')} }`, headers);
        expect(errors).toBeUndefined();
        found.push(...Object.values(data ?? {}));
      }
      expect(found).toHaveLength(count);
      return found;
    },
    stop: async () => {
      await running.stop('SIGKILL');
      for (const all of Object.values(servers)) for (const { stop } of all) stop();
    },
  };
};

let issuer: TestIssuer;
let gateway: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  issuer = await startIssuer();
  gateway = await start(issuer);
}, LONG_WAIT.timeout);
afterAll(async () => {
  await gateway.stop();
  await issuer[Symbol.asyncDispose]();
});

const bearer = (claims: Readonly<Record<string, unknown>>) => ({ authorization: `Bearer ${issuer.token(claims)}` });
const client = (name: string, version: string) => ({
  'apollographql-client-name': name,
  'apollographql-client-version': version,
});

type Case = readonly [
  rule: string,
  version: 'v1' | 'v2',
  query: (field: Protocol) => string,
  headers?: () => Readonly<Record<string, string>>,
  variables?: object,
];

const read = (field: Protocol): string => `{ ${field} }`;

const CASES: readonly Case[] = [
  ['no rule', 'v1', read],
  ['header', 'v2', read, () => ({ 'x-beta': 'on' })],
  ['header with another value', 'v1', read, () => ({ 'x-beta': 'off' })],
  ['cookie', 'v2', read, () => ({ cookie: 'a=b; beta=on' })],
  ['cookie with another name', 'v1', read, () => ({ cookie: 'notbeta=on' })],
  ['claim', 'v2', read, () => bearer({ plan: 'gold' })],
  ['claim with one of several values', 'v2', read, () => bearer({ plan: ['basic', 'silver'] })],
  ['claim with another value', 'v1', read, () => bearer({ plan: 'basic' })],
  ['argument', 'v2', (field) => `{ ${field}(place: { region: "eu-1" }) }`],
  [
    'argument in a variable',
    'v2',
    (field) => `query ($p: Place) { ${field}(place: $p) }`,
    () => ({}),
    { p: { region: 'eu-2' } },
  ],
  ['argument with another value', 'v1', (field) => `{ ${field}(place: { region: "us-1" }) }`],
  ['client name and version', 'v2', read, () => client('ios', '2.14')],
  ['client with another version', 'v1', read, () => client('ios', '1.9')],
  ['another client', 'v1', read, () => client('android', '2.14')],
  ['operation name', 'v2', (field) => `query NextPage { ${field} }`],
  ['another operation name', 'v1', (field) => `query PageNext { ${field} }`],
  ['mutation', 'v2', (field) => `mutation { ${field} }`],
];

for (const protocol of PROTOCOLS)
  for (const [rule, version, query, headers = () => ({}), variables = {}] of CASES)
    test(`over ${protocol}, a call by ${rule} reaches ${version}`, async () => {
      // Repeated: a known operation takes another way through the gateway.
      for (let at = 0; at < 3; at += 1)
        expect(await gateway.send(query(protocol), headers(), variables)).toEqual({ data: { [protocol]: version } });
    });

const CALLS = 10_000;
const shareOfV2 = (versions: readonly (string | null)[]): number =>
  versions.filter((version) => version === 'v2').length / versions.length;

test.each(PROTOCOLS)(
  'weights of 90 and 10 over %s give the second version 9 to 11 percent of 10,000 calls',
  async (protocol) => {
    const before = gateway.servers[protocol].map(({ calls }) => calls());
    // By chance one of 1,200 draws is outside; two in a row are one of a million.
    let share = shareOfV2(await gateway.versions(`${protocol}Split`, CALLS));
    let sent = CALLS;
    if (Math.abs(share - 0.1) > 0.01) {
      share = shareOfV2(await gateway.versions(`${protocol}Split`, CALLS));
      sent += CALLS;
    }
    expect(share).toBeGreaterThanOrEqual(0.09);
    expect(share).toBeLessThanOrEqual(0.11);
    const received = gateway.servers[protocol].map(({ calls }, at) => calls() - (before[at] ?? 0));
    expect((received[0] ?? 0) + (received[1] ?? 0)).toBe(sent);
  },
  300_000,
);

test.each(PROTOCOLS)(
  'one user stays on one version over %s in 1,000 calls, and users are on both versions',
  async (protocol) => {
    const field = `${protocol}Split`;
    expect(new Set(await gateway.versions(field, 1_000, bearer({ sub: 'c1' }))).size).toBe(1);
    const sides: (string | null)[] = [];
    for (let user = 0; user < 60; user += 1) {
      const versions = new Set(await gateway.versions(field, 10, bearer({ sub: `u${user}` })));
      expect(versions.size).toBe(1);
      sides.push(...versions);
    }
    // The same users in every run: the sides depend on their names only.
    expect(shareOfV2(sides)).toBeGreaterThan(0.3);
    expect(shareOfV2(sides)).toBeLessThan(0.7);
  },
  300_000,
);

test.each(PROTOCOLS)(
  'without an endpoint of the second version over %s, calls with a fallback are answered by the first one, others fail',
  async (protocol) => {
    gateway.servers[protocol][1].stop();
    const beta = (value: string) => gateway.send(`{ ${protocol} }`, { 'x-beta': value });
    await vi.waitUntil(async () => (await beta('safe')).data?.[protocol] === 'v1', LONG_WAIT);
    for (let at = 0; at < 50; at += 1) expect(await beta('safe')).toEqual({ data: { [protocol]: 'v1' } });
    const { data, errors } = await beta('on');
    expect(data).toEqual({ [protocol]: null });
    expect(errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
    expect(await gateway.send(`{ ${protocol} }`)).toEqual({ data: { [protocol]: 'v1' } });
  },
  300_000,
);
