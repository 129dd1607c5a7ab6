import { expect, test } from 'vitest';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const started = (...modules: Parameters<typeof buildGateway>[0]['modules']) =>
  buildGateway({ modules, connect: () => () => Promise.reject(new Error('These modules have no upstream.')) });

const scales = define({
  name: 'scales',
  typeDefs: typeDefs('type Query { heavy: Product } type Product { id: ID! weight: Int }'),
  merge: { Product: { key: 'id' } },
  resolvers: { Query: { heavy: () => ({ id: 'p1', weight: 3 }) }, Product: { weight: () => 3 } },
});

test('a module with a root field without a resolver does not start', () => {
  const sdl = 'type Query { login: String ok: Int } type Mutation { leave: Int }';
  const accounts = define({ name: 'accounts', typeDefs: typeDefs(sdl), resolvers: { Query: { ok: () => 1 } } });
  expect(() => started(accounts)).toThrow(/Query\.login has no resolver .* add login to resolvers\.Query/);
  expect(() => started(accounts)).toThrow(/Mutation\.leave has no resolver .* add leave to resolvers\.Mutation/);
});

test('a module with a computed field without a resolver does not start', () => {
  const parcels = define({
    name: 'parcels',
    typeDefs: typeDefs('type Product { id: ID! days: Int }'),
    merge: { Product: { key: 'id', needs: { days: ['weight'] } } },
  });
  expect(() => started(scales, parcels)).toThrow(
    /Product\.days, which has no resolver .* add days to resolvers\.Product/,
  );
});
