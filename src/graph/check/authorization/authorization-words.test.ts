import { pass, rest, websocket } from 'tributary/backend';
import { describe, expect, test } from 'vitest';
import { testModule } from '../../../../test/support/modules/test-module.ts';
import { problemsInModules } from '../check-modules.ts';

const problems = (authDefault: 'allow' | 'deny', ...sdls: readonly string[]): readonly string[] =>
  problemsInModules(
    sdls.map((sdl, at) =>
      testModule(`m${at}`, sdl, {
        merge: { Product: { key: 'id' } },
        resolvers: { Query: { product: () => null, other: () => null } },
      }),
    ),
    authDefault,
  ).filter((line) => line.includes('@public'));

const OWNER = `
type Query { product: Product @public  other: Int }
type Product { id: ID! @public  name: String  price: Int @authenticated  hidden: Int @inaccessible }
interface Named { title: String @public  note: String @requiresScopes(scopes: [["a"]]) }
type Book implements Named { title: String  note: String  text: String }
enum Level @authenticated { LOW }
type Shelf { a: Int  b: Level }
type Free @public { a: Int }
extend type Free { b: Int }
union Any = Shelf | Free`;

describe('AUTH_DEFAULT=deny', () => {
  test('every field without a word is reported once, type by type, in the first module that has it', () => {
    expect(problems('deny', OWNER, 'type Product { id: ID!  stock: Int  size: Int @public }')).toEqual([
      'schema/m0/schema.graphql:2:40: no word of authorisation for Query.other, which AUTH_DEFAULT=deny requires: write @public, @authenticated, @requiresScopes or @policy at the field, or at the type',
      'schema/m0/schema.graphql:3:33: no word of authorisation for Product.name, which AUTH_DEFAULT=deny requires: write @public, @authenticated, @requiresScopes or @policy at the field, or at the type',
      'schema/m0/schema.graphql:5:59: no word of authorisation for Book.text, which AUTH_DEFAULT=deny requires: write @public, @authenticated, @requiresScopes or @policy at the field, or at the type',
      'schema/m0/schema.graphql:7:14: no word of authorisation for Shelf.a, which AUTH_DEFAULT=deny requires: write @public, @authenticated, @requiresScopes or @policy at the field, or at the type',
      'schema/m1/schema.graphql:1:25: no word of authorisation for Product.stock, which AUTH_DEFAULT=deny requires: write @public, @authenticated, @requiresScopes or @policy at the field, or at the type',
    ]);
  });

  test('a type without any word is one problem, with all its fields', () => {
    expect(problems('deny', 'type Query { product: Int @public }  type Shelf { a: Int  b: Int  c: Int }')).toEqual([
      'schema/m0/schema.graphql:1:51: no word of authorisation for fields of Shelf (a, b and c), which AUTH_DEFAULT=deny requires: write @public, @authenticated, @requiresScopes or @policy at each of them, or at the type',
    ]);
  });

  test('a word of another module counts: at the same field, and for a field that is computed from one with requirements', () => {
    const computed = testModule('m1', 'type Product { id: ID!  tax: Int }', {
      merge: { Product: { key: 'id', needs: { tax: ['price'] } } },
      resolvers: { Product: { tax: () => 1 } },
    });
    const owner = testModule(
      'm0',
      'type Query { a: Int @public } type Product { id: ID! @public  price: Int @authenticated }',
      {
        merge: { Product: { key: 'id' } },
        resolvers: { Query: { a: () => 1 } },
      },
    );
    expect(problemsInModules([owner, computed], 'deny')).toEqual([]);
    expect(
      problems(
        'deny',
        'type Query { product: Int @public } type Product @public { id: ID! }',
        'type Product { id: ID!  b: Int @public }',
      ),
    ).toEqual([]);
  });

  describe('@public at a type or an interface of one module', () => {
    const UNDECIDED = (file: string, field: string) =>
      `schema/${file}: no word of authorisation for ${field}, which AUTH_DEFAULT=deny requires: write @public, @authenticated, @requiresScopes or @policy at the field, or at the type`;

    test.each([
      ['at the type', 'type Product @public { id: ID! }'],
      ['at an extension', 'type Product { id: ID! } extend type Product @public { a: Int }'],
      [
        'at an interface',
        'interface Named @public { id: ID! b: Int } type Product implements Named { id: ID! b: Int @public }',
      ],
      [
        'at a field of an interface',
        'interface Named { id: ID! @public b: Int } type Product implements Named { id: ID! b: Int @public }',
      ],
    ])('opens fields of that module: %s', (_where, sdl) => {
      expect(problems('deny', `type Query { product: Product @public } ${sdl}`)).toEqual([]);
    });

    test('does not open the fields that other modules add to the type', () => {
      const open = 'type Query { product: Product @public } type Product @public { id: ID! }';
      expect(problems('deny', open, 'type Product { id: ID!  salary: Int }')).toEqual([
        UNDECIDED('m1/schema.graphql:1:25', 'Product.salary'),
      ]);
      expect(problems('deny', 'type Product { id: ID!  salary: Int }', open)).toEqual([
        UNDECIDED('m0/schema.graphql:1:25', 'Product.salary'),
      ]);
    });

    test.each(['interface Named @public { title: String }', 'interface Named { title: String @public }'])(
      'does not open the types of other modules that implement it: %s',
      (named) => {
        expect(
          problems(
            'deny',
            `type Query { book: Book @public } ${named} type Book implements Named { title: String }`,
            'interface Named { title: String } type Film implements Named { title: String }',
          ),
        ).toEqual([UNDECIDED('m1/schema.graphql:1:64', 'Film.title')]);
      },
    );
  });
});

test('@public at a root type is a problem, whatever the default: every module has fields there', () => {
  const at = (position: string, type: string) =>
    `schema/m0/schema.graphql:${position}: type ${type} is @public, but every module has fields there: write @public at each of them`;
  const sdl =
    'type Query @public { product: Int } type Mutation { other: Int } extend type Mutation @public { change: Int }';
  for (const authDefault of ['allow', 'deny'] as const)
    expect(problems(authDefault, sdl).filter((line) => !line.includes('no word'))).toEqual([
      at('1:12', 'Query'),
      at('1:87', 'Mutation'),
    ]);
});

test('AUTH_DEFAULT=deny reports every route without a word, also among alternatives', () => {
  const module = {
    ...testModule('m0', 'type Query { a: Int @public }', { resolvers: { Query: { a: () => 1 } } }),
    upstreams: { store: rest() },
    routes: {
      'GET /internal/{id}': pass('store', '/i/{id}'),
      'GET /live': websocket('store'),
      'GET /mixed': [pass('store', { when: { host: 'a' }, authenticated: true }), pass('store')],
      'GET /own': pass('store', { authenticated: true }),
      'GET /scoped': pass('store', { scopes: [['a']] }),
      'GET /role': pass('store', { policies: [['role:a']] }),
      'GET /open': pass('store', { public: true }),
      'GET /falsely': pass('store', { authenticated: false, public: false }),
    },
  };
  const at = (key: string) =>
    `schema/m0/index.ts: no word of authorisation for route "${key}", which AUTH_DEFAULT=deny requires: set authenticated, scopes, policies or public: true in its options`;
  expect(problemsInModules([module], 'deny')).toEqual(
    ['GET /internal/{id}', 'GET /live', 'GET /mixed', 'GET /falsely'].map(at),
  );
  expect(problemsInModules([module], 'allow')).toEqual([]);
});

test('without AUTH_DEFAULT=deny, fields without a word are no problem', () => {
  expect(problems('allow', OWNER)).toEqual([]);
});

test('a field that is @public and has requirements is a problem: its requirements hold', () => {
  expect(
    problems(
      'allow',
      `type Query { product: Int @public @authenticated }
       type Shelf @authenticated { a: Int @public  b: Int }`,
    ),
  ).toEqual([
    'schema/m0/schema.graphql:1:14: Query.product is @public, but it has requirements of its own, of its type, or of what it is computed from: remove @public, or the requirements',
    'schema/m0/schema.graphql:2:36: Shelf.a is @public, but it has requirements of its own, of its type, or of what it is computed from: remove @public, or the requirements',
  ]);
});
