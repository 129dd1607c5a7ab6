import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Kind, parse } from 'graphql';
import { each, loaded, type SchemaModule } from 'tributary/backend';
import { expect, test } from 'vitest';
import { composeGraph } from '../../src/graph/build-gateway.ts';
import { explainer } from '../../src/graph/explain/explain.ts';
import { gatewayOver } from '../support/gateway/entities.ts';
import { SHOP } from '../support/gateway/gateway.ts';
import { answerWithout, MEDIA } from '../support/modules/media.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';
import { ROOT } from '../support/processes/processes.ts';

const READING = `
Number: wave in which the step calls its backend (a resolver may). Calls of a wave are concurrent.
A step waits only for the step that it is indented under, and a join for the inputs in its line.
`;

const explaining = (modules: readonly SchemaModule[]) => {
  const { composition, graph } = composeGraph(modules);
  const explain = explainer(graph, composition.authorization);
  return (document: string, variables: Readonly<Record<string, unknown>> = {}): string => {
    const parsed = parse(document);
    const [operation] = parsed.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The document must begin with its operation.');
    const explained = explain(parsed, operation, variables);
    return typeof explained === 'string' ? explained : explained.map(({ message }) => message).join('\n');
  };
};

const ofShop = explaining(SHOP);
const ofMedia = explaining(MEDIA);

test('the demo’s page has one call to orders, then one to each other backend in parallel', () => {
  expect(ofShop(readFileSync(join(ROOT, 'schema/example.graphql'), 'utf8'))).toBe(`query OrderPage

wave  step                   backend    how
1     orders [Order!]        orders     resolver
        id, status           orders     properties
        customer Customer    orders     resolver
          id                 orders     property
2         join               accounts   by id, loader customerById
            name, email      accounts   properties
        items [OrderItem!]!  orders     property
          quantity           orders     property
          product Product    orders     resolver
            id               orders     property
2           join             catalog    by id, loader productById
              name, price    catalog    properties
            join             inventory  by id, no loader
2             stock Stock    inventory  loader stockById, key id
                available    inventory  property
${READING}`);
});

const WORKS = `{
  works { __typename id ... on Book { author: writer { name born } price stars isBargain } ... on Film { price } }
  mine { title }
}`;

test('the plan shows types of abstract fields, staged keys, computed fields and authorization', () => {
  expect(ofMedia(WORKS)).toBe(`query (without a name)

wave  step                       backend  how
1     works [Work!]              library  resolver
        as Book
          __typename                      the name of the type
          id                     library  property
2         author: writer Writer  library  loader writerByName, a computed key
            name                 library  property
            born                 library  property, requires policy role:staff
          (references)           library  loader workById, for rows that are only key id
2         join                   numbers  by id, loader numberOf
            (isbn)               numbers  property, for prices, ratings
3         join                   prices   by id, isbn of numbers, loader bookPrice
            price                prices   property
            (price)              prices   property, for ratings
          join                   ratings  by isbn of numbers, no loader
3           stars                ratings  loader starsByIsbn, key isbn
          join                   ratings  by isbn of numbers, no loader, needs price of prices
            isBargain            ratings  resolver
        as Film
          __typename                      the name of the type
          id                     library  property
2         join                   prices   by id, loader filmPrice
            price                prices   property
1     mine [Work!]               library  resolver, requires authentication, at most 5 in 60 s
        as Book
          title                  library  property
          (references)           library  loader workById, for rows that are only key id
        as Film
          title                  library  property
          (references)           library  loader workById, for rows that are only key id
${READING}`);
});

test('an execution makes the calls of a wave before any of them is answered', async () => {
  const waves: string[][] = [];
  let held: (() => void)[] = [];
  let wave: string[] = [];
  const runQuery = gatewayOver(MEDIA, null, async (call) => {
    wave.push(call.upstream.split('.')[0] ?? '');
    await new Promise<void>((resolve) => held.push(resolve));
    return answerWithout(null)(call);
  });
  const document = WORKS.replace('mine { title }', '').replace('born', '');
  const answered = runQuery(document);
  let isAnswered = false;
  void answered.finally(() => {
    isAnswered = true;
  });
  while (!isAnswered) {
    // Everything that does not wait for an answer has continued by then.
    for (let turn = 0; turn < 10; turn += 1) await setImmediate();
    if (wave.length > 0) waves.push(wave.toSorted());
    wave = [];
    for (const answer of held.splice(0)) answer();
  }
  held = [];
  expect((await answered).errors).toBeUndefined();

  const steps = [...ofMedia(document).matchAll(/^(?<wave>\d+) .* (?<module>library|numbers|prices|ratings) {2}/gm)];
  const planned = Map.groupBy(steps, ({ groups }) => Number(groups?.wave));
  expect(waves).toEqual(
    [...planned].toSorted(([a], [b]) => a - b).map(([, those]) => those.map(({ groups }) => groups?.module).toSorted()),
  );
});

test('fields of a mutation, and their waves, run one after the other', () => {
  expect(
    ofMedia('mutation Desk($id: ID!) { lend(id: $id) { isbn stars } giveBack(id: $id) { t: title } }'),
  ).toBe(`mutation Desk

Its fields run one after the other, in this order.

wave  step            backend  how
1     lend Book       library  resolver
2       join          numbers  by id, loader numberOf
          isbn        numbers  property
          (isbn)      numbers  property, for ratings
        join          ratings  by isbn of numbers, no loader
3         stars       ratings  loader starsByIsbn, key isbn
4     giveBack Book   library  resolver, requires scope lend and desk or all
        t: title      library  property
        (references)  library  loader workById, for rows that are only key id
${READING}`);
});

const CONDITIONAL =
  'query ($more: Boolean!, $less: Boolean! = true) { mine { id @include(if: $more) title @skip(if: $less) __typename } }';

test('a condition is decided by its variable, then by the default; otherwise the field counts as selected', () => {
  expect(ofMedia(CONDITIONAL).split('\n', 3)).toEqual([
    'query (without a name)',
    'As if all were asked for that $more may skip or include.',
    '',
  ]);
  expect(ofMedia(CONDITIONAL)).toMatch(/^ {10}id +library +property$/m);
  expect(ofMedia(CONDITIONAL)).not.toContain('title');
  const decided = ofMedia(CONDITIONAL, { more: false, less: false });
  expect(decided).not.toContain('As if');
  expect(decided).not.toMatch(/^ +id /m);
  expect(decided).toMatch(/^ {10}title +library +property$/m);
});

test('invalid variables are reported', () => {
  expect(ofMedia(CONDITIONAL, { more: 3 })).toContain('Variable "$more" got invalid value 3');
});

test('an operation without a plan reports the reason and the fallback', () => {
  const document = `{ ${Array.from({ length: 20_001 }, (_, at) => `a${at}: works { id }`).join(' ')} }`;
  const why = 'It comes to too many fields (too-large): it is run by delegation.';
  expect(ofMedia(document)).toBe(`query (without a name)\n\n${why}\n`);
});

test('introspection is a step without a call', () => {
  expect(ofMedia('{ __schema { queryType { name } } works { id } }')).toMatch(
    /^ {6}__schema +\(introspection\) +resolver$/m,
  );
});

test('the gateway’s reasons are those of docs/execution.md', () => {
  const page = readFileSync(join(ROOT, 'docs/execution.md'), 'utf8');
  const reasons = [...page.matchAll(/^\| `(?<reason>[a-z-]+)` \| (documents|an operation|a variable)/gm)];
  expect(reasons.map(({ groups }) => groups?.reason)).toEqual(['too-large', 'condition-not-boolean']);
});

const LONG = 'aVeryLongNameThatNobodyWouldWantToTypeMoreThanOnceInTheirWholeLife'.repeat(2);

const wide = define({
  name: 'a-module-with-a-very-long-name',
  typeDefs: typeDefs(
    `type Query { node: Node } type Node { ${LONG}: Node ${LONG}2: Int a: Int b: Int c: Int @requiresScopes(scopes: [["${LONG}"]]) }`,
  ),
  resolvers: { Query: { node: () => null } },
});

test('no line reaches 100 columns, and no step is lost in deep and wide plans', () => {
  const level = (below: string): string => `${LONG} { a b c ${LONG}2 ${below} }`;
  const document = `{ node { ${Array.from({ length: 30 }).reduce<string>(level, '')} } }`;
  const text = explaining([wide])(document);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(100);
  expect(text.match(/requires/g)).toHaveLength(30);
});

test('a plan of more than 1,000 steps is cut', () => {
  const fragments = Array.from(
    { length: 60 },
    (_, at) => `fragment F${at} on Node { a: ${LONG} { ...F${at + 1} } b: ${LONG} { ...F${at + 1} } }`,
  );
  const text = explaining([wide])(`{ node { ...F0 } } ${fragments.join(' ')} fragment F60 on Node { c }`);
  expect(text).toContain('… and more: only the first 1000 steps are shown.');
});

test('a loader with one call for each key is marked in the plan', () => {
  const module = define({
    name: 'posts',
    typeDefs: typeDefs('type Query { post: Post } type Post { author: User } type User { login: ID! name: String! }'),
    loaders: () => ({ userByLogin: each(async (login: string) => ({ login, name: login }), { concurrency: 2 }) }),
    resolvers: {
      Query: { post: () => ({ login: 'ann' }) },
      Post: { author: loaded('userByLogin', 'login') },
    },
  });
  expect(explaining([module])('{ post { author { name } } }')).toContain(
    'loader userByLogin (one call a key), key login',
  );
});
