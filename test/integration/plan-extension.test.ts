import { Kind, parse } from 'graphql';
import { expect, test } from 'vitest';
import { memoryStore } from '../../src/cache/memory.ts';
import { systemClock } from '../../src/core/clock.ts';
import { composeGraph } from '../../src/graph/build-gateway.ts';
import { explainer } from '../../src/graph/explain/explain.ts';
import { StaticCosts } from '../../src/graph/limits/cost/static-costs.ts';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { answerWithout, MEDIA } from '../support/modules/media.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const ASKING = { 'tributary-plan': 'show' };
const WORKS = 'query ($more: Boolean!) { works { id title @include(if: $more) } }';

const planOf = (document: string, variables: Readonly<Record<string, unknown>>) => {
  const { composition, graph } = composeGraph(MEDIA);
  const parsed = parse(document);
  const [operation] = parsed.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The document must begin with its operation.');
  const costs = new StaticCosts(graph.schema, composition.costs);
  return explainer(graph, composition.authorization, costs)(parsed, operation, variables);
};

const open = (introspection: boolean) =>
  servedGateway({ modules: MEDIA, introspection, answer: async (call) => (await answerWithout(null)(call)).value });

test.each([
  { how: 'POST', get: false },
  { how: 'GET', get: true },
])('in development, $how with the plan header adds the plan and changes nothing else', async ({ get }) => {
  const gateway = await open(true);
  const variables = { more: false };
  const { body: plain } = await gateway.runQuery(WORKS, { variables, get });
  expect(plain.extensions).toBeUndefined();
  const { body, status, headers } = await gateway.runQuery(WORKS, { variables, get, headers: ASKING });
  expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(body).toEqual({ data: plain.data, extensions: { plan: planOf(WORKS, variables) } });
  expect(body.extensions.plan).not.toContain('title');
  expect(gateway.calls).toEqual(['GET /works', 'GET /works']);
});

test('a document without a plan gets the reason instead', async () => {
  const document = 'query ($more: Boolean = true) { works { id title @include(if: $more) } }';
  const { body } = await (await open(true)).runQuery(document, { variables: { more: null }, headers: ASKING });
  expect(body.errors).toHaveLength(1);
  expect(body.extensions.plan).toContain('(condition-not-boolean): it is run by delegation.');
});

test.each([
  ['an invalid document', '{ nothing }', {}],
  ['an unparsable document', '{', {}],
  ['a document with invalid variables', WORKS, { more: 'maybe' }],
])('%s returns its errors and no plan', async (_what, document, variables) => {
  const { body, status } = await (await open(true)).runQuery(document, { variables, headers: ASKING });
  expect(status).toBe(400);
  expect(body.errors).not.toEqual([]);
  expect(body.extensions).toBeUndefined();
});

test('without introspection no plan is returned', async () => {
  const gateway = await open(false);
  const asked = { variables: { more: true } };
  const [plain, asking] = [
    await gateway.runQuery(WORKS, asked),
    await gateway.runQuery(WORKS, { ...asked, headers: ASKING }),
  ];
  expect(asking.text).toBe(plain.text);
  expect(asking.headers.get('cache-control')).toBe(plain.headers.get('cache-control'));
});

test('only the header value "show" returns the plan, and a GET still needs a preflight', async () => {
  const gateway = await open(true);
  const { body } = await gateway.runQuery('{ works { id } }', { headers: { 'tributary-plan': 'yes' } });
  expect(body.extensions).toBeUndefined();
  const simple = await fetch(`${gateway.origin}/graphql?query={works{id}}`, { headers: ASKING });
  expect(simple.status).toBe(400);
});

test('a cached answer is stored without the plan', async () => {
  const shelf = define({
    name: 'shelf',
    typeDefs: typeDefs('type Query { size: Int @cacheControl(maxAge: 60) }'),
    resolvers: { Query: { size: () => 3 } },
  });
  const gateway = await servedGateway({ modules: [shelf], introspection: true, store: memoryStore(systemClock) });
  const asking = await gateway.runQuery('{ size }', { headers: ASKING });
  expect(asking.body.extensions.plan).toContain('size');
  const plain = await gateway.runQuery('{ size }');
  expect(plain.body).toEqual({ data: { size: 3 } });
  expect(plain.headers.get('cache-control')).toBe('max-age=60, public');
});
