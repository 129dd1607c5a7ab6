import { createHash } from 'node:crypto';
import { rest } from 'tributary/backend';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { anonymousRequest, paramsOf } from '../../../test/support/gateway/executed.ts';
import { define, typeDefs } from '../../../test/support/modules/small-modules.ts';
import type { Clock } from '../../core/clock.ts';
import { memoryLimiters } from '../../rate-limit/memory.ts';
import { RequestRecord } from '../../telemetry/request-trace.ts';
import { noTelemetry } from '../../telemetry/telemetry.ts';
import type { Send } from '../../upstream/call.ts';
import { buildGateway } from '../build-gateway.ts';
import type { GraphQLParams } from '../gateway-port.ts';
import type { GatewayPlugin } from './apollo.ts';
import { DocumentCache } from './document-cache.ts';

const shelf = define({
  name: 'shelf',
  typeDefs: typeDefs(`
    type Query {
      level(of: Int): Int
      broken: Int
      needed: Int!
      limited: Int @rateLimit(limit: 100, duration: 60)
      kept: Int @cacheControl(maxAge: 60)
      own: Int @authenticated
    }
    type Mutation { reserve: Int }
  `),
  upstreams: { shelf: rest() },
  resolvers: {
    Query: {
      level: (_root, { of }, { clients }) => clients.shelf.get('/level', { query: { of }, response: z.int() }),
      broken: () => {
        throw new TypeError('secret');
      },
      needed: () => null,
      limited: () => 1,
      kept: () => 2,
      own: () => 3,
    },
    Mutation: {
      reserve: (_root, _args, { clients }) => clients.shelf.post('/reservations', { body: {}, response: z.int() }),
    },
  },
});

const answering: Send = async () => ({ status: 200, headers: {}, size: 1, value: 7 });

/** Time stands still, so that two gateways have equal results. */
const stopped: Clock = { now: () => 0, after: () => ({ cancel: () => {} }) };

const started = async (known: boolean, introspection: boolean) => {
  const calls: string[] = [];
  const logged: unknown[] = [];
  const log = (...line: readonly unknown[]) => void logged.push(line);
  const gateway = buildGateway({
    modules: [shelf],
    connect: (): Send => (call) => {
      calls.push(call.route);
      return answering(call);
    },
    introspection,
    openLimiter: memoryLimiters({ clock: stopped }),
    log: { warn: log, error: log },
    knownOperations: known,
  });
  await gateway.start();
  onTestFinished(() => gateway.stop());
  const execute = async (params: GraphQLParams, headers: Readonly<Record<string, string>> = {}) => {
    const spans: unknown[] = [];
    const record = new RequestRecord(noTelemetry, stopped);
    const trace = {
      record,
      traceId: 't',
      headers: {},
      isRecording: true,
      start: (name: string) => {
        spans.push(`start ${name}`);
        return trace;
      },
      set: (attributes: object) => void spans.push(attributes),
      end: (error?: string) => void spans.push(`end ${error}`),
      part: () => trace,
    };
    const { extensions, ...result } = await gateway.execute(params, { ...anonymousRequest(), headers, trace });
    const { operation, errorCodes } = record;
    const { type, name, hash } = operation ?? {};
    return JSON.parse(
      JSON.stringify({
        result: { ...result, extensions: Object.keys(extensions ?? {}) },
        headers: [...result.headers],
        record: { type, name, hash, errorCodes },
        spans,
        calls: calls.splice(0),
        logged: logged.splice(0),
      }),
    );
  };
  return { ...gateway, execute };
};

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const persisted = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: hashOf(text) } });

/** Rows with `true` do not pass Apollo's pipeline when they are repeated. */
const ROWS: readonly (readonly [what: string, isKnown: boolean, params: GraphQLParams])[] = [
  ['a query', true, paramsOf('{ level }')],
  ['a query of a read-only transport', true, paramsOf('{ level }', { isReadOnly: true })],
  ['an empty operation name', true, paramsOf('query A { level }', { operationName: '' })],
  ['one of two operations', true, paramsOf('query A { level } query B { kept }', { operationName: 'B' })],
  ['no name for two operations', false, paramsOf('query A { level } query B { kept }')],
  ['an unknown name', false, paramsOf('query A { level }', { operationName: 'C' })],
  ['a mutation', true, paramsOf('mutation M { reserve }')],
  ['a mutation of a read-only transport', false, paramsOf('mutation M { reserve }', { isReadOnly: true })],
  ['variables', true, paramsOf('query ($of: Int) { level(of: $of) }', { variables: { of: 1 } })],
  ['invalid variables', true, paramsOf('query ($of: Int!) { level(of: $of) }', { variables: { of: 'x' } })],
  ['missing variables', true, paramsOf('query ($of: Int!) { level(of: $of) }')],
  ['a failed field', true, paramsOf('query F { broken level }')],
  ['a null that removes all data', true, paramsOf('{ needed level }')],
  ['a refused field', true, paramsOf('{ own kept }')],
  ['a limited field', true, paramsOf('{ limited }')],
  ['a response that caches may keep', true, paramsOf('{ kept }')],
  ['a syntax error', false, paramsOf('{ level')],
  ['an invalid document', false, paramsOf('{ level price }')],
  ['an unregistered hash', false, paramsOf(null, { extensions: persisted('{ level kept }') })],
  ['a hash with its text', true, paramsOf('{ kept level }', { extensions: persisted('{ kept level }') })],
  ['the hash of it', true, paramsOf(null, { extensions: persisted('{ kept level }') })],
  ['a hash with an invalid text', false, paramsOf('{ nope }', { extensions: persisted('{ nope }') })],
  ['the hash of that', false, paramsOf(null, { extensions: persisted('{ nope }') })],
  ['introspection', true, paramsOf('{ __schema { queryType { name } } }')],
];

test.each([true, false])(
  'the result, record, spans, log and calls of a known operation are those of the pipeline (introspection %s)',
  async (introspection) => {
    const [known, piped] = [await started(true, introspection), await started(false, introspection)];
    const passes = vi.spyOn(DocumentCache.prototype, 'get');
    onTestFinished(() => passes.mockRestore());
    for (const [what, isKnown, params] of ROWS) {
      expect(await known.execute(params), what).toEqual(await piped.execute(params));
      expect(await known.execute(params), what).toEqual(await piped.execute(params));
      passes.mockClear();
      const last = await known.execute(params);
      const isRejected = !isKnown || (!introspection && what === 'introspection');
      expect([what, passes.mock.calls.length]).toEqual([what, isRejected && params.query !== null ? 1 : 0]);
      expect(last, what).toEqual(await piped.execute(params));
    }
  },
);

test('a hash is registered by a repeated request with its text only if the hash was sent', async () => {
  const gateway = await started(true, true);
  const byHash = paramsOf(null, { extensions: persisted('{ level }') });
  for (let times = 0; times < 3; times += 1) await gateway.execute(paramsOf('{ level }'));
  expect(await gateway.execute(byHash)).toMatchObject({
    result: { errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] },
  });
  await gateway.execute(paramsOf('{ level }', { extensions: persisted('{ level }') }));
  expect(await gateway.execute(byHash)).toMatchObject({ result: { data: { level: 7 } } });
});

test('a request for the plan of a known operation receives it', async () => {
  const gateway = await started(true, true);
  for (let times = 0; times < 2; times += 1)
    expect(await gateway.execute(paramsOf('{ level }'), { 'tributary-plan': 'show' })).toMatchObject({
      result: { extensions: ['plan'] },
    });
});

test('with a plugin, every operation passes the pipeline, where the plugin runs', async () => {
  const runs: (string | undefined)[] = [];
  const plugin: GatewayPlugin = { requestDidStart: async ({ request }) => void runs.push(request.query) };
  const gateway = buildGateway({ modules: [shelf], connect: () => answering, plugins: [plugin] });
  await gateway.start();
  onTestFinished(() => gateway.stop());
  for (let times = 0; times < 3; times += 1) await gateway.execute(paramsOf('{ level }'), anonymousRequest());
  expect(runs).toHaveLength(3);
});

test('a stopped gateway does not execute known operations', async () => {
  for (const level of ['error', 'warn'] as const) vi.spyOn(console, level).mockImplementation(() => {});
  onTestFinished(() => void vi.restoreAllMocks());
  const gateway = await started(true, true);
  await gateway.execute(paramsOf('{ level }'));
  await gateway.stop();
  expect(await gateway.execute(paramsOf('{ level }'))).toMatchObject({ result: { status: 500 } });
});
