import { enumeration, scalar } from 'tributary/backend';
import { plain } from './small-modules.ts';

export const STATE = 'enum State { NEW PAID SENT }';

/** Argument of a resolver, as text that distinguishes numbers from names. */
export const echo = (_parent: unknown, args: unknown) => JSON.stringify(args);

/** Internal enum values are numbers; the first one is falsy. */
export const orders = plain(
  'orders',
  `${STATE}
  type Query {
    orders: [Order!]!
    states: [State]!
    history: [[State!]!]!
    wrong: [State]
    echo(state: State, states: [State!], by: By): String!
    echoNested(outer: Outer = {}): String!
    echoDefaults(state: State! = PAID, states: [State!] = [NEW, SENT], by: By = { state: SENT }): String!
  }
  type Mutation { advance(from: State!): State! }
  type Order { id: ID! state: State! }
  input Outer { by: By = { states: [SENT], either: [{ state: NEW }, {}] }  inner: Price = { price: "0.07" } }
  input Price { price: Cents! }
  scalar Cents
  input By { state: State = PAID  states: [State!]  either: [By!] }`,
  {
    merge: { Order: { key: 'id' } },
    resolvers: {
      State: enumeration({ NEW: 0, PAID: 1, SENT: 2 }),
      Cents: scalar({
        parse: (text) => Math.round(Number(text) * 100),
        serialize: (cents: number) => (cents / 100).toFixed(2),
      }),
      Query: {
        orders: () => [
          { id: 'a', state: 2 },
          { id: 'b', state: 0 },
          { id: 'c', state: Promise.resolve(1) },
        ],
        states: () => [0, 1, null, 2, 0],
        history: () => [[0, 1], [], [2]],
        wrong: () => [1, 7, 'PAID', 2],
        echo,
        echoDefaults: echo,
        echoNested: echo,
      },
      Mutation: { advance: (_root, args) => Number(Reflect.get(Object(args), 'from')) + 1 },
    },
  },
);
