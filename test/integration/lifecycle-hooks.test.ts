import { createHash } from 'node:crypto';
import { ApolloServer, type ApolloServerPlugin, type BaseContext, HeaderMap } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { anybodysRequest, EXECUTIONS, type Execution } from '../support/executed.ts';
import { recording } from '../support/recording-plugin.ts';
import { plain } from '../support/small-modules.ts';

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

const overPlainSchema = (plugins: Plugins) =>
  new ApolloServer<BaseContext>({
    typeDefs: SDL,
    resolvers: RESOLVERS,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginLandingPageDisabled(), ...plugins],
  });

const overGateway = (execution: Execution, plugins: Plugins) => {
  const modules = [plain('greetings', SDL, { resolvers: RESOLVERS })];
  const connect = () => () => Promise.reject(new Error('There is no upstream.'));
  return buildGateway({ modules, connect, execution, plugins }).apollo;
};

/** Methods that both kinds of server have. */
type Server = Pick<ReturnType<typeof overPlainSchema>, 'start' | 'stop' | 'executeHTTPGraphQLRequest'>;

interface Sent {
  readonly body: unknown;
  readonly method?: 'GET' | 'POST';
  readonly search?: string;
}

const post = (query: unknown, more: object = {}): Sent => ({ body: { query, ...more } });

const send = (server: Server, { body, method = 'POST', search = '' }: Sent) =>
  server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method, body, search, headers: new HeaderMap([['content-type', 'application/json']]) },
    context: async () => anybodysRequest(),
  });

/** All hook calls of a server that starts, runs these requests and stops, in order. */
const hooksOf = async (make: (plugins: Plugins) => Server, asked: readonly Sent[]): Promise<readonly string[]> => {
  const calls: string[] = [];
  const server = make([recording(calls)]);
  await server.start();
  for (const one of asked) {
    calls.push('-');
    await send(server, one);
  }
  calls.push('-');
  await server.stop();
  return calls;
};

const QUERY = '{ greeting }';
const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update(QUERY).digest('hex') };

const REQUESTS: Readonly<Record<string, readonly Sent[]>> = {
  'a query': [post(QUERY)],
  'a repeated query': [post(QUERY), post(QUERY)],
  'an operation by name': [post('query A { greeting } query B { rows { id } }', { operationName: 'B' })],
  'a mutation': [post('mutation Write { write(text: "a") }')],
  'a fragment and variables': [
    post('query ($to: Int) { ...F } fragment F on Query { greeting(to: $to) }', { variables: { to: 2 } }),
  ],
  'a document that cannot be parsed': [post('{ greeting ')],
  'a document that is not valid': [post('{ greeting { length } unknown }')],
  'variables of the wrong type': [post('query ($to: Int!) { greeting(to: $to) }', { variables: { to: 'x' } })],
  'missing variables': [post('query ($to: Int!) { greeting(to: $to) }')],
  'an unknown operationName': [post('query A { greeting } query B { greeting }', { operationName: 'C' })],
  'several operations without operationName': [post('query A { greeting } query B { greeting }')],
  'a field that fails': [post('{ greeting fails }')],
  'fields that fail in a list': [post('{ rows { id fails } }')],
  'a failing non-null root field': [post('{ greeting mustFail }')],
  'a mutation that fails': [post('mutation { write }')],
  'no query': [post(undefined)],
  'a query that is not a string': [post(1)],
  'a query by GET': [{ body: undefined, method: 'GET', search: `?query=${encodeURIComponent(QUERY)}` }],
  'a mutation by GET': [
    { body: undefined, method: 'GET', search: `?query=${encodeURIComponent('mutation { write(text: "a") }')}` },
  ],
  'a persisted query: unknown, registered, then known': [
    post(undefined, { extensions: { persistedQuery } }),
    post(QUERY, { extensions: { persistedQuery } }),
    post(undefined, { extensions: { persistedQuery } }),
  ],
  'a persisted query with the hash of another': [post('{ rows { id } }', { extensions: { persistedQuery } })],
  'a persisted query of an unknown version': [
    post(QUERY, { extensions: { persistedQuery: { ...persistedQuery, version: 2 } } }),
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
  expect(await hooksOf((plugins) => overGateway('compiled', plugins), [post('query Greet { greeting }')])).toEqual([
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
        hooksOf((plugins) => make([plugin, ...plugins]), [post(QUERY)]).catch(({ message }: Error) => [message]);
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
    const { body } = await send(server, post('{ greeting rows { id } }'));
    answers.push(body.kind === 'complete' ? JSON.parse(body.string) : null);
    if (answers.length === 1) expect(fields.splice(0)).toEqual(['Query.greeting', 'Query.rows', 'Row.id', 'Row.id']);
    await server.stop();
  }
  expect(fields).toEqual([]);
  expect(answers[1]).toEqual(answers[0]);
});
