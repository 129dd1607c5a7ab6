import { createHash } from 'node:crypto';
import { ApolloServer, type ApolloServerPlugin, type BaseContext, HeaderMap } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import type { GraphQLParams } from '../../src/graph/gateway-port.ts';
import { anonymousRequest, EXECUTIONS, type Execution, paramsOf } from '../support/gateway/executed.ts';
import { recording } from '../support/gateway/recording-plugin.ts';
import { plain } from '../support/modules/small-modules.ts';

// Apollo Server also logs failing plugins to the console.
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const SDL = `type Query { greeting(to: Int = 1): String  fails: String  mustFail: String!  rows: [Row!] }
type Mutation { write(text: String!): String }
type Row { id: ID!  fails: Int }`;

const fail = (): never => {
  throw new Error('This field fails.');
};

const RESOLVERS = {
  Query: { greeting: () => 'Hello', fails: fail, mustFail: fail, rows: () => [{ id: 'a' }, { id: 'b' }] },
  Mutation: { write: () => 'written' },
  Row: { fails: fail },
};

type Plugins = readonly ApolloServerPlugin<BaseContext>[];

interface Server {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Runs an operation. @returns the response */
  send(params: GraphQLParams): Promise<unknown>;
}

/** Apollo Server with its own HTTP. */
const overPlainSchema = (plugins: Plugins): Server => {
  const apollo = new ApolloServer<BaseContext>({
    typeDefs: SDL,
    resolvers: RESOLVERS,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginLandingPageDisabled(), ...plugins],
  });
  const headers = new HeaderMap([['content-type', 'application/json']]);
  return {
    start: () => apollo.start(),
    stop: () => apollo.stop(),
    send: async ({ isReadOnly, ...params }) => {
      const sent = Object.entries(params).filter(([, value]) => value !== null);
      const search = () => new URLSearchParams(sent.map(([name, value]) => [name, String(value)]));
      const { body } = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: isReadOnly
          ? { method: 'GET', headers, search: `?${search()}`, body: undefined }
          : { method: 'POST', headers, search: '', body: Object.fromEntries(sent) },
        context: async () => anonymousRequest(),
      });
      return body.kind === 'complete' ? JSON.parse(body.string) : null;
    },
  };
};

const overGateway = (execution: Execution, plugins: Plugins): Server => {
  const modules = [plain('greetings', SDL, { resolvers: RESOLVERS })];
  const connect = () => () => Promise.reject(new Error('There is no upstream.'));
  const gateway = buildGateway({ modules, connect, execution, plugins });
  return {
    start: gateway.start,
    stop: gateway.stop,
    send: async (params) => {
      const { errors, data } = await gateway.execute(params, anonymousRequest());
      return { errors, data };
    },
  };
};

/** All hook calls of a server that starts, runs these requests and stops, in order. */
const hooksOf = async (
  make: (plugins: Plugins) => Server,
  asked: readonly GraphQLParams[],
): Promise<readonly string[]> => {
  const calls: string[] = [];
  const server = make([recording(calls)]);
  await server.start();
  for (const one of asked) {
    calls.push('-');
    await server.send(one);
  }
  calls.push('-');
  await server.stop();
  return calls;
};

const QUERY = '{ greeting }';
const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update(QUERY).digest('hex') };

const REQUESTS: Readonly<Record<string, readonly GraphQLParams[]>> = {
  'a query': [paramsOf(QUERY)],
  'a repeated query': [paramsOf(QUERY), paramsOf(QUERY)],
  'an operation by name': [paramsOf('query A { greeting } query B { rows { id } }', { operationName: 'B' })],
  'a mutation': [paramsOf('mutation Write { write(text: "a") }')],
  'a fragment and variables': [
    paramsOf('query ($to: Int) { ...F } fragment F on Query { greeting(to: $to) }', { variables: { to: 2 } }),
  ],
  'a document that cannot be parsed': [paramsOf('{ greeting ')],
  'a document that is not valid': [paramsOf('{ greeting { length } unknown }')],
  'variables of the wrong type': [paramsOf('query ($to: Int!) { greeting(to: $to) }', { variables: { to: 'x' } })],
  'missing variables': [paramsOf('query ($to: Int!) { greeting(to: $to) }')],
  'an unknown operationName': [paramsOf('query A { greeting } query B { greeting }', { operationName: 'C' })],
  'several operations without operationName': [paramsOf('query A { greeting } query B { greeting }')],
  'a field that fails': [paramsOf('{ greeting fails }')],
  'fields that fail in a list': [paramsOf('{ rows { id fails } }')],
  'a failing non-null root field': [paramsOf('{ greeting mustFail }')],
  'a mutation that fails': [paramsOf('mutation { write }')],
  'a query by GET': [paramsOf(QUERY, { isReadOnly: true })],
  'a mutation by GET': [paramsOf('mutation { write(text: "a") }', { isReadOnly: true })],
  'a persisted query: unknown, registered, then known': [
    paramsOf(null, { extensions: { persistedQuery } }),
    paramsOf(QUERY, { extensions: { persistedQuery } }),
    paramsOf(null, { extensions: { persistedQuery } }),
  ],
  'a persisted query with the hash of another': [paramsOf('{ rows { id } }', { extensions: { persistedQuery } })],
  'a persisted query of an unknown version': [
    paramsOf(QUERY, { extensions: { persistedQuery: { ...persistedQuery, version: 2 } } }),
  ],
};

for (const execution of EXECUTIONS)
  test.each(Object.entries(REQUESTS))(
    `${execution}: the hooks of %s are the same as over a plain schema`,
    async (_what, asked) => {
      const expected = await hooksOf(overPlainSchema, asked);
      expect(await hooksOf((plugins) => overGateway(execution, plugins), asked)).toEqual(expected);
      expect(expected.length).toBeGreaterThan(asked.length + 3);
    },
  );

test('hooks of a successful request are called in the documented order', async () => {
  expect(await hooksOf((plugins) => overGateway('compiled', plugins), [paramsOf('query Greet { greeting }')])).toEqual([
    'serverWillStart',
    'schemaDidLoadOrUpdate',
    '-',
    'requestDidStart',
    'didResolveSource',
    'parsingDidStart',
    'parsingDidEnd',
    'validationDidStart',
    'validationDidEnd',
    'didResolveOperation Greet',
    'responseForOperation',
    'executionDidStart',
    'executionDidEnd',
    'willSendResponse 200',
    '-',
    'drainServer',
    'serverWillStop',
  ]);
});

/** Plugins that change the course of a request. */
const INTERVENING: Readonly<Record<string, ApolloServerPlugin<BaseContext>>> = {
  'refuses an operation': {
    requestDidStart: async () => ({ didResolveOperation: async () => fail() }),
  },
  'answers instead of the graph': {
    requestDidStart: async () => ({
      responseForOperation: async () => ({
        http: { status: 200, headers: new HeaderMap() },
        body: { kind: 'single', singleResult: { data: { greeting: 'Hello from the plugin' } } },
      }),
    }),
  },
  'fails in requestDidStart': { requestDidStart: async () => fail() },
  'fails in willSendResponse': { requestDidStart: async () => ({ willSendResponse: async () => fail() }) },
};

for (const execution of EXECUTIONS)
  test.each(Object.entries(INTERVENING))(
    `${execution}: a plugin that %s has the same effect as over a plain schema`,
    async (_what, plugin) => {
      const seenBy = (make: (plugins: Plugins) => Server) =>
        hooksOf((plugins) => make([plugin, ...plugins]), [paramsOf(QUERY)]).catch(({ message }: Error) => [message]);
      const expected = await seenBy(overPlainSchema);
      expect(await seenBy((plugins) => overGateway(execution, plugins))).toEqual(expected);
    },
  );

test.each(EXECUTIONS)('%s: willResolveField is not called', async (execution) => {
  const fields: string[] = [];
  const watching: ApolloServerPlugin<BaseContext> = {
    requestDidStart: async () => ({
      executionDidStart: async () => ({
        willResolveField: ({ info }) => void fields.push(`${info.parentType}.${info.fieldName}`),
      }),
    }),
  };
  const answers: unknown[] = [];
  for (const server of [overPlainSchema([watching]), overGateway(execution, [watching])]) {
    await server.start();
    answers.push(await server.send(paramsOf('{ greeting rows { id } }')));
    if (answers.length === 1) expect(fields.splice(0)).toEqual(['Query.greeting', 'Query.rows', 'Row.id', 'Row.id']);
    await server.stop();
  }
  expect(fields).toEqual([]);
  expect(answers[1]).toEqual(answers[0]);
});
