import { expect, test } from 'vitest';
import { graphOf } from '../../../test/support/execution/compiled-plan.ts';
import { graphModule } from '../../../test/support/execution/hand-made-plan.ts';
import type { GraphModule } from '../graph.ts';
import { Owners } from './field-owners.ts';
import { chooseJoins } from './join-choice.ts';

const QUERY = 'type Query { a: ID }';

/** A module with some fields of `User`, each a nullable text. */
const module = (
  name: string,
  fields: string,
  keys: readonly string[],
  { load = true, needs = {}, resolvers = {} } = {},
) =>
  graphModule(name, `${QUERY} type User { ${fields.replaceAll(/\w+/g, '$&: String')} }`, {
    merge: { User: { keys: keys.map((key) => ({ key: key.split(' '), ...(load ? { load: 'users' } : {}) })), needs } },
    resolvers: { User: resolvers },
  });

/** The join of each field, as `field: module by key`, for rows with the fields `onRow`. */
const choice = (modules: readonly GraphModule[], onRow: string, fields: string): readonly string[] | null => {
  const owners = new Owners(graphOf(QUERY, modules));
  const chosen = chooseJoins(owners, 'User', (field) => onRow.split(' ').includes(field), fields.split(' '));
  if (chosen === null) return null;
  return [...chosen].map(([field, { module, key }]) => `${field}: ${module.module.name} by ${key.fields.join(' ')}`);
};

const accounts = module('accounts', 'id login name', ['id', 'login']);

test('a module is joined by the key that is on the row, by the first of several', () => {
  expect(choice([accounts], 'login', 'name')).toEqual(['name: accounts by login']);
  expect(choice([accounts], 'id', 'name')).toEqual(['name: accounts by id']);
  expect(choice([accounts], 'login id', 'name')).toEqual(['name: accounts by id']);
  expect(choice([accounts], 'email', 'name')).toBeNull();
});

test('a key that is not on the row comes from another module, over several steps', () => {
  const mail = module('mail', 'email id', ['email']);
  const badges = module('badges', 'login badge', ['login']);
  expect(choice([badges, accounts, mail], 'email', 'badge')).toEqual([
    'badge: badges by login',
    'login: accounts by id',
    'id: mail by email',
  ]);
});

test('joins that wait for each other are no choice', () => {
  const one = module('one', 'id login a', ['login']);
  const other = module('other', 'id login b', ['id']);
  expect(choice([one, other], 'email', 'a b')).toBeNull();
  expect(choice([one, other], 'id', 'a b')).toEqual(['a: one by login', 'b: other by id', 'login: other by id']);
});

test('a field of several modules comes from a join that is needed anyway', () => {
  const profiles = module('profiles', 'id name bio', ['id']);
  expect(choice([accounts, profiles], 'id', 'name bio')).toEqual(['bio: profiles by id', 'name: profiles by id']);
  expect(choice([accounts, profiles], 'id', 'name')).toEqual(['name: accounts by id']);
});

test('the module that provides more of the fields is one call instead of two', () => {
  const names = module('names', 'id name', ['id']);
  const cities = module('cities', 'id city', ['id']);
  const both = module('both', 'id name city', ['id']);
  expect(choice([names, cities, both], 'id', 'name city')).toEqual(['name: both by id', 'city: both by id']);
});

test('a call in reserve of a key is not made if another key is on the row', () => {
  const ids = module('ids', 'login id', ['login']);
  const stats = module('stats', 'id login visits', ['id', 'login']);
  expect(choice([ids, stats], 'login', 'visits')).toEqual(['visits: stats by login']);
});

test('a module without a loader is cheaper, unless the field has a resolver with clients', () => {
  const stubs = module('stubs', 'id name', ['id'], { load: false, resolvers: { name: () => null } });
  expect(choice([accounts, stubs], 'id', 'name')).toEqual(['name: stubs by id']);
  const name = (_row: unknown, _args: unknown, _context: unknown) => null;
  const calling = module('calling', 'id name', ['id'], { load: false, resolvers: { name } });
  expect(choice([accounts, calling], 'id', 'name')).toEqual(['name: accounts by id']);
  const far = module('far', 'code name', ['code']);
  const codes = module('codes', 'id code', ['id']);
  expect(choice([far, codes, calling], 'id', 'name')).toEqual(['name: calling by id']);
});

test('a module without a loader provides no properties that others have', () => {
  const stubs = module('stubs', 'id login name', ['id', 'login'], { load: false });
  expect(choice([stubs, accounts], 'id', 'name')).toEqual(['name: accounts by id']);
  expect(choice([stubs, accounts], 'id', 'login')).toEqual(['login: accounts by id']);
  expect(choice([stubs], 'id', 'name')).toEqual(['name: stubs by id']);
});

test('of equal choices, the key of the row is taken', () => {
  const stats = module('stats', 'id login visits', ['id', 'login']);
  const ids = module('ids', 'login id rank', ['login']);
  expect(choice([ids, stats], 'login', 'rank visits')).toEqual(['rank: ids by login', 'visits: stats by login']);
});

test('a composite key is a key like others', () => {
  const seats = module('seats', 'org number id seat', ['id', 'org number']);
  expect(choice([seats], 'org number', 'seat')).toEqual(['seat: seats by org number']);
  expect(choice([seats], 'org', 'seat')).toBeNull();
});

test('the inputs of a computed field count', () => {
  const weights = module('weights', 'id weight', ['id']);
  const days = module('days', 'id days', ['id'], { needs: { days: ['weight'] } });
  expect(choice([weights, days], 'id', 'days')).toEqual(['days: days by id', 'weight: weights by id']);
  expect(choice([days], 'id', 'days')).toBeNull();
});

test('twenty modules for each of twenty fields have a choice at once', () => {
  const names = Array.from({ length: 20 }, (_, at) => `f${at}`).join(' ');
  const modules = Array.from({ length: 20 }, (_, at) => module(`m${at}`, `id ${names}`, ['id']));
  expect(new Set(choice(modules, 'id', names)?.map((line) => line.split(' ')[1]))).toEqual(new Set(['m0']));
});
