import { batch, byKey, enumeration, type SchemaModule, scalar } from 'tributary/backend';
import { expect, test } from 'vitest';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { orders, STATE } from '../support/modules/orders-by-number.ts';
import { define, pathsAndCodes, plain, typeDefs } from '../support/modules/small-modules.ts';

class Amount {
  readonly #value: number;

  constructor(value: number) {
    this.#value = value;
  }

  valueOf(): number {
    return this.#value;
  }
}

const badCents = (): never => {
  throw new Error('Invalid price.');
};

const REGION = 'enum Region { EU US }';

/** Returns prices by a key with an enum, with numbers as internal values. */
const offers = plain('offers', `${REGION} type Query { offers: [Price] } type Price { region: Region sku: ID! }`, {
  merge: { Price: { key: ['region', 'sku'] } },
  resolvers: {
    Region: enumeration({ EU: 1, US: 2 }),
    Query: {
      offers: () => [
        { region: 2, sku: 'a' },
        { region: 1, sku: 'a' },
        { region: 2, sku: 'a' },
        { region: null, sku: 'a' },
        { region: 9, sku: 'a' },
      ],
    },
  },
});

/** Prices with strings as internal values of the enum. */
const pricing = (asked: unknown[]): SchemaModule => ({
  ...define({
    name: 'pricing',
    typeDefs: typeDefs(`${REGION} type Price { region: Region sku: ID! amount: Int here: Region }`),
    loaders: () => ({
      priceByKey: batch(
        async (keys: readonly { readonly region: string; readonly sku: string }[]) => {
          asked.push(...keys);
          return byKey(
            keys.map(({ region, sku }) => ({ region, sku, amount: region === 'europe' ? 10 : 20 })),
            ({ region, sku }) => `${region}/${sku}`,
          );
        },
        { key: ({ region, sku }) => `${region}/${sku}` },
      ),
    }),
    merge: { Price: { key: ['region', 'sku'], load: 'priceByKey' } },
  }),
  resolvers: {
    Region: enumeration({ EU: 'europe', US: 'america' }),
    Price: { here: (price) => Reflect.get(Object(price), 'region') },
  },
});

/** No internal enum values: the names are used. */
const stock = plain('stock', `${REGION} type Price { region: Region sku: ID! level: String }`, {
  merge: { Price: { key: ['region', 'sku'] } },
  resolvers: { Price: { level: (price) => JSON.stringify(price) } },
});

test.each(EXECUTIONS)(
  '%s: an enum key is passed by name, and converted to the receiving module’s value',
  async (execution) => {
    const asked: unknown[] = [];
    const gateway = executedBy(execution, [offers, pricing(asked), stock]);
    const { data, errors } = await gateway('{ offers { region sku amount here level } }');
    const us = { region: 'US', sku: 'a', amount: 20, here: 'US', level: '{"region":"US","sku":"a"}' };
    const eu = { region: 'EU', sku: 'a', amount: 10, here: 'EU', level: '{"region":"EU","sku":"a"}' };
    const nothing = { region: null, sku: 'a', amount: null, here: null, level: null };
    expect(data).toEqual({ offers: [us, eu, us, nothing, nothing] });
    expect(asked).toEqual([
      { region: 'america', sku: 'a' },
      { region: 'europe', sku: 'a' },
    ]);
    // The value that `offers` itself does not define is an error in every field that requests or needs it.
    expect(new Set(errors?.map(({ path }) => path?.slice(0, 2).join('.')))).toEqual(new Set(['offers.4']));
  },
);

test.each(EXECUTIONS)('%s: keys that are lists of an enum are passed by name, falsy values too', async (execution) => {
  const sets = plain('sets', `${STATE} type Query { sets: [Set!]! } type Set { states: [State]! first: State! }`, {
    merge: { Set: { key: ['states', 'first'] } },
    resolvers: {
      State: enumeration({ NEW: 0, PAID: 1, SENT: 2 }),
      Query: { sets: () => [{ states: [0, null, 2], first: 0 }] },
    },
  });
  const labels = plain('labels', `${STATE} type Set { states: [State]! first: State! label: String! }`, {
    merge: { Set: { key: ['states', 'first'] } },
    resolvers: {
      State: enumeration({ NEW: false, PAID: 'p', SENT: 3n }),
      Set: { label: (set) => Object.values(Object(set)).flat().map(String).join() },
    },
  });
  const { data, errors } = await executedBy(execution, [sets, labels])('{ sets { label states first } }');
  expect(errors).toBeUndefined();
  expect(data).toEqual({ sets: [{ label: 'false,null,3,false', states: ['NEW', null, 'SENT'], first: 'NEW' }] });
});

test.each(EXECUTIONS)('%s: a scalar key is serialized, and parsed by the receiving module', async (execution) => {
  const SDL = 'scalar Cents type Price { cents: Cents! at: DateTime! ';
  const cents = (parse: (text: unknown) => unknown) =>
    scalar({ parse, serialize: (value: unknown) => Number(value).toFixed(2) });
  const offers = plain('offers', `type Query { offers: [Price]! } ${SDL} }`, {
    merge: { Price: { key: ['cents', 'at'] } },
    resolvers: {
      Cents: cents(Number),
      Query: { offers: () => [0.07, 99, 0.08].map((price) => ({ cents: price, at: new Date(0) })) },
    },
  });
  const asText = (price: unknown): string =>
    Object.values(Object(price))
      .map((value) => Object(value).constructor.name)
      .join();
  const refusing = (text: unknown) => (text === '99.00' ? badCents() : new Amount(Number(text)));
  const labels = plain('labels', `${SDL} label: String }`, {
    merge: { Price: { key: ['cents', 'at'] } },
    resolvers: { Cents: cents(refusing), Price: { label: asText } },
  });
  const { data, errors } = await executedBy(execution, [offers, labels])('{ offers { cents label } }');
  const label = 'Amount,Date';
  expect(data.offers).toEqual([
    { cents: '0.07', label },
    { cents: '99.00', label: null },
    { cents: '0.08', label },
  ]);
  expect(pathsAndCodes(errors)).toEqual(['offers.1.label UPSTREAM_BAD_RESPONSE']);
});

test.each(EXECUTIONS)('%s: an enum input of a computed field is passed by name', async (execution) => {
  const hints = plain('hints', 'type Order { id: ID! hint: String }', {
    merge: { Order: { key: 'id', needs: { hint: ['state'] } } },
    resolvers: { Order: { hint: (order) => `is ${Reflect.get(Object(order), 'state')}` } },
  });
  const { data } = await executedBy(execution, [orders, hints])('{ orders { hint } }');
  expect(data.orders).toEqual([{ hint: 'is SENT' }, { hint: 'is NEW' }, { hint: 'is PAID' }]);
});

test.each(EXECUTIONS)('%s: a scalar input of a computed field is passed in serialized form', async (execution) => {
  const clock = plain('clock', 'type Query { times: [Time] } type Time { id: ID! at: DateTime }', {
    merge: { Time: { key: 'id' } },
    resolvers: { Query: { times: () => [{ id: 'a', at: new Date(0) }] } },
  });
  const words = plain('words', 'type Time { id: ID! words: String }', {
    merge: { Time: { key: 'id', needs: { words: ['at'] } } },
    resolvers: { Time: { words: (time) => typeof Reflect.get(Object(time), 'at') } },
  });
  const { data } = await executedBy(execution, [clock, words])('{ times { words } }');
  expect(data).toEqual({ times: [{ words: 'string' }] });
});

test.each(EXECUTIONS)(
  '%s: a policy receives its own module’s enum values, for root fields and joined ones',
  async (execution) => {
    const asked: unknown[] = [];
    const guarded = {
      ...plain(
        'guarded',
        `${STATE} type Query { secret(state: State!, or: [State!]): Int @policy(policies: [["paid"]]) }
      type Order { id: ID! secret(state: State! = PAID, or: [State!]): Int @policy(policies: [["paid"]]) }`,
        {
          merge: { Order: { key: 'id' } },
          resolvers: {
            State: enumeration({ NEW: 'n', PAID: 'p', SENT: 's' }),
            Query: { secret: () => 1 },
            Order: { secret: () => 2 },
          },
        },
      ),
      policies: {
        paid: (_principal: unknown, args: Readonly<Record<string, unknown>>) => {
          asked.push(args);
          return args.state === 'p';
        },
      },
    };
    const gateway = executedBy(execution, [orders, guarded]);
    const document = `query ($state: State!, $or: State!) {
    secret(state: $state) no: secret(state: NEW)
    orders { secret(state: $state, or: [$or]) }
    others: orders { secret(state: SENT) }
    defaults: orders { secret }
  }`;
    const { data, errors } = await gateway(document, { state: 'PAID', or: 'SENT' });
    const each = (secret: number | null) => [{ secret }, { secret }, { secret }];
    expect(data).toEqual({ secret: 1, no: null, orders: each(2), others: each(null), defaults: each(2) });
    expect(pathsAndCodes(errors)).toEqual([
      'no UNAUTHENTICATED',
      'others.0.secret UNAUTHENTICATED',
      'others.1.secret UNAUTHENTICATED',
      'others.2.secret UNAUTHENTICATED',
    ]);
    const seen = new Set(asked.map((args) => JSON.stringify(args)));
    expect([...seen].sort()).toEqual(['{"state":"n"}', '{"state":"p","or":["s"]}', '{"state":"p"}', '{"state":"s"}']);
  },
);
