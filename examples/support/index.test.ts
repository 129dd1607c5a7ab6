import { defineBackend } from 'tributary/backend';
import { type ServiceResolvers, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import support from './index.ts';

/** A replacement for the module that owns customers. */
const accounts = defineBackend()({
  name: 'accounts',
  typeDefs: {
    text: 'type Query { customers: [Customer!] }  type Customer { id: ID!  name: String }',
    file: import.meta.filename,
  },
  merge: { Customer: { key: 'id' } },
  resolvers: {
    Query: { customers: () => ['c1', 'c2', 'c3'].map((id) => ({ id })) },
    Customer: { name: ({ id }: { readonly id: string }) => `Name of ${id}` },
  },
});

const CASE = {
  __typename: 'Case',
  id: 't1',
  title: 'No light',
  status: 'waiting',
  account: { id: 'c1', plan: 'gold' },
  entries: [
    { __typename: 'Comment', at: '2026-01-02T08:00:00Z', author: 'Ann', text: 'Help.' },
    { __typename: 'StateChange', at: '2026-01-02T09:00:00Z', author: 'Bob', to: 'waiting' },
  ],
};

const refusal = (code: string) => Object.assign(new Error('for operators'), { extensions: { code } });

const resolvers: ServiceResolvers = {
  Query: {
    case: (_root, { id }) => (id === 't1' ? CASE : null),
    cases: (_root, { state }) => (state === 'waiting' ? [CASE] : []),
    find: () => [CASE, { __typename: 'Article', id: 'a1', headline: 'Lamps' }],
    accountsByIds: (_root, { ids }) => ids.map((id: string) => (id === 'c3' ? null : { id, plan: 'gold' })),
  },
  Account: { cases: ({ id }) => (id === 'c1' ? [CASE] : []) },
  Mutation: {
    openCase: (_root, { input }) =>
      input.title === CASE.title ? { __typename: 'Duplicate', of: CASE } : { ...CASE, id: 't2', title: input.title },
    closeCase: () => refusal('CASE_CLOSED'),
  },
};

const open = () => testBackend(support, { desk: scripted().graphql(resolvers) }, { beside: [accounts] });

test('fragments on an interface, aliases and an enum are one operation of the service', async () => {
  const gateway = open();
  const { data, errors } = await gateway.query(`
    { one: ticket(id: "t1") { ...card entries { __typename at ... on Comment { text } ... on StateChange { to } } }
      tickets(state: WAITING) { ...card } }
    fragment card on Ticket { subject state }`);
  expect(errors).toBeUndefined();
  expect(data).toEqual({
    one: {
      subject: 'No light',
      state: 'WAITING',
      entries: [
        { __typename: 'Comment', at: '2026-01-02T08:00:00.000Z', text: 'Help.' },
        { __typename: 'StateChange', at: '2026-01-02T09:00:00.000Z', to: 'WAITING' },
      ],
    },
    tickets: [{ subject: 'No light', state: 'WAITING' }],
  });
  expect(gateway.calls).toEqual(['support.desk query case', 'support.desk query cases']);
});

test('customers of another module get their tickets with one call, and null without an account', async () => {
  const gateway = open();
  const { data, errors } = await gateway.query('{ customers { name plan tickets { id customer { name } } } }');
  expect(errors).toBeUndefined();
  expect(data.customers).toEqual([
    { name: 'Name of c1', plan: 'gold', tickets: [{ id: 't1', customer: { name: 'Name of c1' } }] },
    { name: 'Name of c2', plan: 'gold', tickets: [] },
    { name: 'Name of c3', plan: null, tickets: null },
  ]);
  expect(gateway.calls).toEqual(['support.desk query accountsByIds']);
});

test('members of a union have the names of this graph', async () => {
  const { data } = await open().query(
    '{ searchSupport(text: "l") { __typename ... on Ticket { subject } ... on Article { headline } } }',
  );
  expect(data.searchSupport).toEqual([
    { __typename: 'Ticket', subject: 'No light' },
    { __typename: 'Article', headline: 'Lamps' },
  ]);
});

test('a mutation returns a member of a union, and its input has the names of the service', async () => {
  const gateway = open();
  const mutation = `mutation($subject: String!) { openTicket(input: { customer: "c1", subject: $subject, key: "k" }) {
    __typename ... on Ticket { id subject } ... on Duplicate { of { id } } } }`;
  const made = await gateway.query(mutation, { subject: 'Too bright' });
  expect(made.data.openTicket).toEqual({ __typename: 'Ticket', id: 't2', subject: 'Too bright' });
  const again = await gateway.query(mutation, { subject: 'No light' });
  expect(again.data.openTicket).toEqual({ __typename: 'Duplicate', of: { id: 't1' } });
  expect(gateway.calls).toEqual(['support.desk mutation openCase', 'support.desk mutation openCase']);
});

test('a code of the service is the declared code, and its message stays inside', async () => {
  const { data, errors } = await open().query('mutation { closeTicket(id: "t1") { id } }');
  expect(data).toEqual({ closeTicket: null });
  expect(errors).toMatchObject([{ path: ['closeTicket'], extensions: { code: 'CONFLICT' } }]);
  expect(JSON.stringify(errors)).not.toContain('operators');
});
