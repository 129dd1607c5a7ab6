import { Kind, parse } from 'graphql';
import { expect, test } from 'vitest';
import { memoryStore } from '../../src/cache/memory.ts';
import { systemClock } from '../../src/clock.ts';
import { composeGraph } from '../../src/gateway/build.ts';
import { explainer } from '../../src/gateway/plan/explain.ts';
import { answerWithout, MEDIA } from '../support/media.ts';
import { servedGateway } from '../support/served-gateway.ts';
import { define, typeDefs } from '../support/small-modules.ts';

const ASKING = { 'tributary-plan': 'show' };
const WORKS = 'query ($more: Boolean!) { works { id title @include(if: $more) } }';

const planOf = (document: string, variables: Readonly<Record<string, unknown>>) => {
  const { composition, graph } = composeGraph(MEDIA);
  const parsed = parse(document);
  const [operation] = parsed.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The document must begin with its operation.');
  return explainer(graph, composition.authorization.requirements)(parsed, operation, variables);
};

const open = (introspection: boolean) =>
  servedGateway({ modules: MEDIA, introspection, answer: async (call) => (await answerWithout(null)(call)).value });

test.each([
  { how: 'POST', get: false },
  { how: 'GET', get: true },
])(
  'in development an answer to $how brings its plan along where it is asked for, and is otherwise the same',
  async ({ get }) => {
    const gateway = await open(true);
    const variables = { more: false };
    const { body: plain } = await gateway.ask(WORKS, { variables, get });
    expect(plain.extensions).toBeUndefined();
    const { body, status, headers } = await gateway.ask(WORKS, { variables, get, headers: ASKING });
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toEqual({ data: plain.data, extensions: { plan: planOf(WORKS, variables) } });
    expect(body.extensions.plan).not.toContain('title');
    expect(gateway.calls).toEqual(['GET /works', 'GET /works']);
  },
);

test('a document without a plan says why', async () => {
  const { body } = await (await open(true)).ask('{ __type(name: "Book") { name } }', { headers: ASKING });
  expect(body.data).toEqual({ __type: { name: 'Book' } });
  expect(body.extensions.plan).toContain('(introspection): it is run by delegation.');
});

test.each([
  ['a document that is not valid', '{ nothing }', {}],
  ['a text that is no document', '{', {}],
  ['variables that are wrong', WORKS, { more: 'maybe' }],
])('%s gets its errors and no plan', async (_what, document, variables) => {
  const { body, status } = await (await open(true)).ask(document, { variables, headers: ASKING });
  expect(status).toBe(400);
  expect(body.errors).not.toEqual([]);
  expect(body.extensions).toBeUndefined();
});

test('without introspection nobody learns how anything is run', async () => {
  const gateway = await open(false);
  const asked = { variables: { more: true } };
  const [plain, asking] = [await gateway.ask(WORKS, asked), await gateway.ask(WORKS, { ...asked, headers: ASKING })];
  expect(asking.text).toBe(plain.text);
  expect(asking.headers.get('cache-control')).toBe(plain.headers.get('cache-control'));
});

test('only "show" shows it, and a GET still has to be no simple request', async () => {
  const gateway = await open(true);
  const { body } = await gateway.ask('{ works { id } }', { headers: { 'tributary-plan': 'yes' } });
  expect(body.extensions).toBeUndefined();
  const simple = await fetch(`${gateway.origin}/graphql?query={works{id}}`, { headers: ASKING });
  expect(simple.status).toBe(400);
});

test('an answer that is kept is kept without the plan', async () => {
  const shelf = define({
    name: 'shelf',
    typeDefs: typeDefs('type Query { size: Int @cacheControl(maxAge: 60) }'),
    resolvers: { Query: { size: () => 3 } },
  });
  const gateway = await servedGateway({ modules: [shelf], introspection: true, store: memoryStore(systemClock) });
  const asking = await gateway.ask('{ size }', { headers: ASKING });
  expect(asking.body.extensions.plan).toContain('size');
  const plain = await gateway.ask('{ size }');
  expect(plain.body).toEqual({ data: { size: 3 } });
  expect(plain.headers.get('cache-control')).toBe('max-age=60, public');
});
