import { batch, type SchemaModule } from 'tributary/backend';
import { expect, test } from 'vitest';
import { problemsInModules } from '../../src/graph/check/check-modules.ts';
import { EXECUTIONS, type Execution, executedBy } from '../support/gateway/executed.ts';
import { explained } from '../support/gateway/explained.ts';
import { pathsAndCodes, plain } from '../support/modules/small-modules.ts';

/** Calls of loaders, in order: the name and the keys. */
const calls: string[] = [];

type Row = Readonly<Record<string, unknown>>;

const USERS: readonly Row[] = [
  { id: '1', login: 'ada', org: 'o1', number: 7, name: 'Ada' },
  { id: '2', login: 'bob', org: 'o1', number: 8, name: 'Bob' },
];

const rowsBy = (loader: string, rows: readonly Row[], ...fields: readonly string[]) => {
  const textOf = (key: unknown) => fields.map((field) => (fields.length === 1 ? key : Object(key)[field])).join('/');
  const load = async (keys: readonly unknown[]) => {
    calls.push(`${loader} ${keys.map(textOf).join(' ')}`);
    return new Map(rows.map((row) => [fields.map((field) => row[field]).join('/'), row]));
  };
  return batch(load as never, { key: textOf as never });
};

const accounts = plain(
  'accounts',
  `type Query { users: [User!]!  first: User }
   type User { id: ID!  login: String!  org: String  number: Int  name: String! }`,
  {
    loaders: () => ({
      userById: rowsBy('userById', USERS, 'id'),
      userByLogin: rowsBy('userByLogin', USERS, 'login'),
      userByNumber: rowsBy('userByNumber', USERS, 'org', 'number'),
    }),
    merge: {
      User: {
        keys: [
          { key: 'id', load: 'userById' },
          { key: 'login', load: 'userByLogin' },
          { key: ['org', 'number'], load: 'userByNumber' },
        ],
      },
    },
    resolvers: {
      Query: {
        users: () => [{ login: 'ada' }, { id: '2' }, { id: '1', login: 'ada' }, USERS[1]],
        first: () => ({ login: 'nobody' }),
      },
    },
  },
);

/** A module that has only some key fields of users. */
const referring = (name: string, fields: string, rows: readonly Row[]): SchemaModule =>
  plain(name, `type Query { ${name}: [User] } type User { ${fields} }`, {
    resolvers: { Query: { [name]: () => rows } },
  });

const commits = referring('commits', 'login: String!', [{ login: 'ada' }, { login: 'bob' }, { login: 'ada' }]);
const orders = referring('orders', 'id: ID!', [{ id: '2' }]);
const seats = referring('seats', 'org: String  number: Int', [
  { org: 'o1', number: 7 },
  { org: 'o1', number: null },
  { org: 'o9', number: 1 },
]);

const askedBy = (execution: Execution, ...modules: readonly SchemaModule[]) => {
  const runQuery = executedBy(execution, modules);
  return async (document: string) => {
    calls.length = 0;
    const { data, errors } = await runQuery(document);
    return { data, errors: pathsAndCodes(errors), calls: [...calls].toSorted() };
  };
};

test.each(EXECUTIONS)('%s: modules reach the owner by the key that they have, with one call for each', async (by) => {
  const runQuery = askedBy(by, accounts, commits, orders, seats);
  expect(await runQuery('{ commits { name } }')).toEqual({
    data: { commits: [{ name: 'Ada' }, { name: 'Bob' }, { name: 'Ada' }] },
    errors: [],
    calls: ['userByLogin ada bob'],
  });
  expect(await runQuery('{ orders { name login } }')).toEqual({
    data: { orders: [{ name: 'Bob', login: 'bob' }] },
    errors: [],
    calls: ['userById 2'],
  });
  expect(await runQuery('{ seats { org id } }')).toEqual({
    data: { seats: [{ org: 'o1', id: '1' }, null, null] },
    errors: ['seats.1.id NOT_FOUND', 'seats.2.id NOT_FOUND'],
    calls: ['userByNumber o1/7 o9/1'],
  });
});

test.each(EXECUTIONS)('%s: references by different keys are completed by their own loaders', async (by) => {
  const runQuery = askedBy(by, accounts);
  expect(await runQuery('{ users { login name } }')).toEqual({
    data: {
      users: [
        { login: 'ada', name: 'Ada' },
        { login: 'bob', name: 'Bob' },
        { login: 'ada', name: 'Ada' },
        { login: 'bob', name: 'Bob' },
      ],
    },
    errors: [],
    calls: ['userById 2 1', 'userByLogin ada'],
  });
});

test('a dangling reference has its key, and null in the other fields', async () => {
  const runQuery = askedBy('compiled', accounts);
  expect((await runQuery('{ first { login org } }')).data).toEqual({ first: { login: 'nobody', org: null } });
});

const badges = plain('badges', 'type User { id: ID!  badge: String }', {
  loaders: () => ({ badgeOf: rowsBy('badgeOf', [{ id: '1', badge: 'gold' }], 'id') }),
  merge: { User: { key: 'id', load: 'badgeOf' } },
});

test.each(EXECUTIONS)('%s: a key that the row lacks comes from the module that is joined by another', async (by) => {
  const runQuery = askedBy(by, commits, accounts, badges);
  const data = { commits: [{ badge: 'gold' }, { badge: null }, { badge: 'gold' }] };
  expect(await runQuery('{ commits { badge } }')).toEqual({
    data,
    errors: [],
    calls: ['badgeOf 1 2', 'userByLogin ada bob'],
  });
  // The name needs no further call.
  expect((await runQuery('{ commits { badge name } }')).calls).toEqual(['badgeOf 1 2', 'userByLogin ada bob']);
});

test.each(EXECUTIONS)('%s: a computed field waits for what it needs, by any key', async (by) => {
  const mail = plain('mail', 'type User { login: String!  id: ID!  address: String }', {
    merge: { User: { keys: [{ key: 'id' }, { key: 'login' }], needs: { address: ['name'] } } },
    resolvers: { User: { address: (row) => `${Reflect.get(Object(row), 'name')}@example.org` } },
  });
  const runQuery = askedBy(by, commits, orders, accounts, mail);
  expect(await runQuery('{ commits { address } orders { address } }')).toEqual({
    data: {
      commits: [{ address: 'Ada@example.org' }, { address: 'Bob@example.org' }, { address: 'Ada@example.org' }],
      orders: [{ address: 'Bob@example.org' }],
    },
    errors: [],
    calls: ['userById 2', 'userByLogin ada bob'],
  });
});

test.each(EXECUTIONS)('%s: a module without loaders receives the key that the row has', async (by) => {
  const seen = plain('seen', 'type User { id: ID!  login: String!  seen: String }', {
    merge: { User: { keys: [{ key: 'login' }, { key: 'id' }] } },
    resolvers: { User: { seen: (row) => JSON.stringify(row) } },
  });
  const runQuery = askedBy(by, orders, commits, seen);
  expect((await runQuery('{ orders { seen } commits { seen } }')).data).toEqual({
    orders: [{ seen: '{"id":"2"}' }],
    commits: [{ seen: '{"login":"ada"}' }, { seen: '{"login":"bob"}' }, { seen: '{"login":"ada"}' }],
  });
});

test.each(EXECUTIONS)('%s: a fragment on an interface value is kept, by any key and in computed fields', async (by) => {
  const films = plain(
    'films',
    `interface Work { title: String! }
     type Film implements Work { title: String! }
     type User { id: ID!  login: String!  seen: Work  advised: Work }`,
    {
      merge: { User: { keys: [{ key: 'id' }, { key: 'login' }], needs: { advised: ['name'] } } },
      resolvers: {
        Film: { title: (row) => `The ${Reflect.get(Object(row), 'name')}` },
        User: {
          seen: () => ({ __typename: 'Film', name: 'Kid' }),
          advised: (row) => ({ __typename: 'Film', name: Reflect.get(Object(row), 'name') }),
        },
      },
    },
  );
  const runQuery = askedBy(by, commits, orders, accounts, films);
  const document = `{ commits { seen { ...Title } advised { ...Title } } orders { seen { ...Title } advised { ...Title } } }
    fragment Title on Film { title }`;
  const of = (name: string) => ({ seen: { title: 'The Kid' }, advised: { title: `The ${name}` } });
  const { data, errors } = await runQuery(document);
  expect({ data, errors }).toEqual({
    data: { commits: ['Ada', 'Bob', 'Ada'].map(of), orders: [of('Bob')] },
    errors: [],
  });
});

test.each(EXECUTIONS)('%s: a field that only an unrequested computed field needs is not read', async (by) => {
  let reads = 0;
  const mails = plain('mails', 'type Query { mails: [User] }  type User { login: String!  mail: String! }', {
    merge: { User: { key: 'login' } },
    resolvers: {
      Query: { mails: () => [{ login: 'ada' }] },
      User: {
        mail: () => {
          reads += 1;
          throw new Error('no mail');
        },
      },
    },
  });
  const people = plain('people', 'type User { id: ID!  login: String!  domain: String }', {
    loaders: () => ({ personByLogin: rowsBy('personByLogin', USERS, 'login') }),
    merge: { User: { keys: [{ key: 'id' }, { key: 'login', load: 'personByLogin' }], needs: { domain: ['mail'] } } },
    resolvers: { User: { domain: (row) => Reflect.get(Object(row), 'mail') } },
  });
  const runQuery = askedBy(by, mails, people, badges);
  expect(await runQuery('{ mails { badge } }')).toEqual({
    data: { mails: [{ badge: 'gold' }] },
    errors: [],
    calls: ['badgeOf 1', 'personByLogin ada'],
  });
  expect(reads).toBe(0);
});

test('the plan shows the key of each join', () => {
  const text = explained([commits, accounts, badges], '{ commits { badge } users { login org } }');
  expect(text).toContain('join          accounts  by login, loader userByLogin');
  expect(text).toContain('join          badges    by id of accounts, loader badgeOf');
  expect(text).toContain('(references)  accounts  loader userById, for rows that are only key id');
  expect(text).toContain('(references)  accounts  loader userByLogin, for rows that are only key login');
});

const problemsOf = (merge: SchemaModule['merge'][string], others: readonly SchemaModule[] = [orders]) =>
  problemsInModules([{ ...accounts, merge: { User: merge } }, ...others]).map((line) =>
    line.slice(line.indexOf(' ') + 1),
  );

test.each<[problem: string, merge: SchemaModule['merge'][string], others?: readonly SchemaModule[]]>([
  [
    'merge has the key login of User twice: remove one of them',
    { keys: [{ key: 'id' }, { key: 'login' }, { key: ['login'] }] },
  ],
  [
    'merge has the key number and org of User twice: remove one of them',
    { keys: [{ key: 'id' }, { key: ['org', 'number'] }, { key: ['number', 'org'] }] },
  ],
  ['a key of User in merge has the field id twice: remove one of them', { key: ['id', 'id'] }],
  [
    'the key of User in merge is email, a field that User does not have: correct the name, or add email to User in the SDL',
    { keys: [{ key: 'id' }, { key: 'email' }] },
  ],
  [
    'merge loads User with "users", a loader that does not exist: correct the name, or add it to loaders',
    { keys: [{ key: 'id' }, { key: 'login', load: 'users' }] },
  ],
  ["keys of User in merge is empty: name a key, as in keys: [{ key: 'id' }]", { keys: [] }],
  [
    'one of the keys of User in merge has no fields: name the fields of every key',
    { keys: [{ key: 'id' }, { key: [] }] },
  ],
  [
    'User of seats lacks id or login, the key in accounts (test/support/modules/small-modules.ts:2:9): add id or login to User here',
    { keys: [{ key: 'id' }, { key: 'login' }] },
    [orders, commits, seats],
  ],
])('%s', (problem, merge, others) => {
  expect(problemsOf(merge, others)).toContain(problem);
});

test('keys that no other module has are no problem if one is usable', () => {
  expect(problemsInModules([accounts, orders])).toEqual([]);
  expect(problemsInModules([accounts, commits, orders, seats, badges])).toEqual([]);
});

test('an entity with several keys next to an interface whose field has an argument of an input type', async () => {
  const modules = (): readonly SchemaModule[] => [
    plain(
      'shelf',
      `input Size { width: Int }
       interface Fits { fits(in: Size!): Boolean }
       type Item implements Fits { id: ID!  code: ID  fits(in: Size!): Boolean }
       type Query { item: Fits }`,
      {
        loaders: () => ({ itemById: rowsBy('itemById', [], 'id') }),
        merge: { Item: { keys: [{ key: 'id', load: 'itemById' }, { key: 'code' }] } },
        resolvers: {
          Query: {
            item: () => ({
              __typename: 'Item',
              id: '1',
              fits: (args: { in: { width: number } }) => args.in.width < 10,
            }),
          },
        },
      },
    ),
    plain('labels', 'type Item { id: ID!  label: String }', {
      loaders: () => ({ labelById: rowsBy('labelById', [], 'id') }),
      merge: { Item: { key: 'id', load: 'labelById' } },
    }),
  ];
  for (const execution of EXECUTIONS)
    expect(await executedBy(execution, modules())('{ item { fits(in: { width: 9 }) } }')).toEqual({
      data: { item: { fits: true } },
      errors: undefined,
    });
});
