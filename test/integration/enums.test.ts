import { printSchema } from 'graphql';
import { enumeration } from 'tributary/backend';
import { expect, test } from 'vitest';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { EXECUTIONS, type Execution, executedBy } from '../support/gateway/executed.ts';
import { echo, orders, STATE } from '../support/modules/orders-by-number.ts';
import { pathsAndCodes, plain } from '../support/modules/small-modules.ts';

/** Defines the same enum with other internal values, and adds fields to Order by id. */
const letters = plain(
  'letters',
  `${STATE}
  type Order { id: ID! letter(state: State, states: [State!] = [SENT, NEW], by: LetterBy): String!  due: State }
  input LetterBy { state: State! = NEW }`,
  {
    merge: { Order: { key: 'id' } },
    resolvers: {
      State: enumeration({ NEW: 'n', PAID: 'p', SENT: 's' }),
      Order: { letter: echo, due: () => 'p' },
    },
  },
);

const shop = (execution: Execution) => executedBy(execution, [orders, letters]);

test.each(EXECUTIONS)(
  '%s: clients receive names for internal values: alone, in lists, in promises, in rows',
  async (execution) => {
    const { data, errors } = await shop(execution)('{ states history orders { id state due } }');
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      states: ['NEW', 'PAID', null, 'SENT', 'NEW'],
      history: [['NEW', 'PAID'], [], ['SENT']],
      orders: [
        { id: 'a', state: 'SENT', due: 'PAID' },
        { id: 'b', state: 'NEW', due: 'PAID' },
        { id: 'c', state: 'PAID', due: 'PAID' },
      ],
    });
  },
);

test.each(EXECUTIONS)(
  '%s: a value that is not an internal one fails its field, even if it is a name',
  async (execution) => {
    const { data, errors } = await shop(execution)('{ wrong }');
    expect(data).toEqual({ wrong: ['PAID', null, null, 'SENT'] });
    expect(pathsAndCodes(errors)).toEqual(['wrong.1 UPSTREAM_BAD_RESPONSE', 'wrong.2 UPSTREAM_BAD_RESPONSE']);
  },
);

test.each(EXECUTIONS)(
  '%s: resolvers receive internal values for literals at any depth of an argument',
  async (execution) => {
    const { data } = await shop(execution)(`{
    none: echo
    null: echo(state: null)
    one: echo(state: NEW)
    many: echo(states: [SENT, NEW])
    single: echo(states: SENT)
    inputs: echo(by: { state: SENT, states: [NEW], either: [{ states: PAID }, { state: null }] })
    defaults: echoDefaults
    some: echoDefaults(state: NEW, by: {})
  }`);
    const seen = Object.fromEntries(Object.entries<string>(data).map(([key, text]) => [key, JSON.parse(text)]));
    expect(seen).toEqual({
      none: {},
      null: { state: null },
      one: { state: 0 },
      many: { states: [2, 0] },
      single: { states: [2] },
      inputs: { by: { state: 2, states: [0], either: [{ state: 1, states: [1] }, { state: null }] } },
      defaults: { state: 1, states: [0, 2], by: { state: 2 } },
      some: { state: 0, states: [0, 2], by: { state: 1 } },
    });
  },
);

test.each(EXECUTIONS)('%s: defaults of inputs have internal values at any depth, of scalars too', async (execution) => {
  const by = { state: 1, states: [2], either: [{ state: 0 }, { state: 1 }] };
  for (const document of [
    '{ echoNested }',
    '{ echoNested(outer: {}) }',
    '{ echoNested(outer: { inner: { price: "0.07" } }) }',
  ])
    expect(JSON.parse((await shop(execution)(document)).data.echoNested)).toEqual({
      outer: { by, inner: { price: 7 } },
    });
  const { data } = await shop(execution)('{ __type(name: "Outer") { inputFields { defaultValue } } }');
  expect(data.__type.inputFields.map(({ defaultValue }: { defaultValue: string }) => defaultValue)).toEqual([
    '{state: PAID, states: [SENT], either: [{state: NEW}, {state: PAID}]}',
    '{price: "0.07"}',
  ]);
});

test.each(EXECUTIONS)(
  '%s: resolvers receive internal values for variables, their defaults, and variables within lists and inputs',
  async (execution) => {
    const document = `query ($state: State = SENT, $states: [State!], $by: By, $inner: State!, $absent: State) {
    whole: echo(state: $state, states: $states, by: $by)
    inside: echo(states: [$inner, PAID], by: { state: $inner, either: [{ states: [$inner] }] })
    absent: echoDefaults(states: null, by: { state: $absent })
  }`;
    const variables = { states: ['NEW', 'PAID'], by: { states: ['SENT'] }, inner: 'NEW' };
    const { data, errors } = await shop(execution)(document, variables);
    expect(errors).toBeUndefined();
    expect(JSON.parse(data.whole)).toEqual({ state: 2, states: [0, 1], by: { state: 1, states: [2] } });
    expect(JSON.parse(data.inside)).toEqual({ states: [0, 1], by: { state: 0, either: [{ state: 1, states: [0] }] } });
    expect(JSON.parse(data.absent)).toEqual({ state: 1, states: null, by: { state: 1 } });
  },
);

test.each(EXECUTIONS)('%s: a variable accepts names only', async (execution) => {
  for (const state of [1, '1', 'paid', true]) {
    const { data, errors } = await shop(execution)('query ($state: State) { echo(state: $state) }', { state });
    expect(data, String(state)).toBeUndefined();
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  }
});

test.each(EXECUTIONS)("%s: joined fields receive their own module's values of the same names", async (execution) => {
  const document = `query ($state: State!, $by: LetterBy) {
    orders { literal: letter(state: PAID, by: { state: SENT })  variable: letter(state: $state, states: [$state], by: $by) }
  }`;
  const { data, errors } = await shop(execution)(document, { state: 'SENT', by: {} });
  expect(errors).toBeUndefined();
  for (const { literal, variable } of data.orders) {
    expect(JSON.parse(literal)).toEqual({ state: 'p', states: ['s', 'n'], by: { state: 's' } });
    expect(JSON.parse(variable)).toEqual({ state: 's', states: ['s'], by: { state: 'n' } });
  }
});

test.each(EXECUTIONS)('%s: a mutation converts enum values as a query does', async (execution) => {
  const { data } = await shop(execution)(
    'mutation ($from: State!) { advance(from: $from) again: advance(from: PAID) }',
    {
      from: 'NEW',
    },
  );
  expect(data).toEqual({ advance: 'PAID', again: 'SENT' });
});

test.each(EXECUTIONS)(
  '%s: the printed and the introspected schema have names only, in defaults too',
  async (execution) => {
    const { schema } = buildGateway({ modules: [orders, letters], connect: () => () => Promise.reject(new Error()) });
    const printed = printSchema(schema);
    expect(printed).toContain(
      'echoDefaults(state: State! = PAID, states: [State!] = [NEW, SENT], by: By = {state: SENT})',
    );
    expect(printed).toContain('letter(state: State, states: [State!] = [SENT, NEW], by: LetterBy): String!');
    const { data } = await shop(execution)(`{
    __type(name: "By") { inputFields { name defaultValue } }
    state: __type(name: "State") { enumValues { name } }
  }`);
    expect(data.__type.inputFields[0]).toEqual({ name: 'state', defaultValue: 'PAID' });
    expect(data.state.enumValues).toEqual([{ name: 'NEW' }, { name: 'PAID' }, { name: 'SENT' }]);
  },
);
