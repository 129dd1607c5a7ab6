import { join } from 'node:path';
import { defineBackend, graphql, loaded, remote, remoteBatch, type SchemaModule, scalar } from 'tributary/backend';
import { type ServiceResolvers, scripted } from 'tributary/testing';
import { expect, test } from 'vitest';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { scriptedSend } from '../../src/testing/scripted-send.ts';
import { anonymousRequest, EXECUTIONS, type Execution, paramsOf } from '../support/gateway/executed.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { pathsAndCodes } from '../support/modules/small-modules.ts';

const SERVICE = `
  scalar Stamp scalar DateTime
  type Query { events(since: Stamp): [Event!]!, eventsAt(at: [Stamp!]!): [Event], days(on: [DateTime!]!): [Day], event(id: ID!): Event }
  type Event { id: ID!, at: Stamp, next: Stamp, name: String, secret: String!, rated(by: [Int!]): Int!, parts: [Part!] }
  type Part { id: ID!, size: Int! }
  type Day { on: DateTime, name: String }
`;

const SDL = `
  scalar Stamp
  type Query { events(since: Stamp): [Event!]!, event(id: ID!): Event, dates: [Date!]! }
  type Event {
    id: ID!, at: Stamp!, next: Stamp, following: Event, double: Int, name: String,
    secret: String! @requiresScopes(scopes: [["staff"]]), slow: String @policy(policies: [["never"]]),
    rated(by: [Int!]): Int!, parts: [Part!]
  }
  type Part { id: ID!, size: Int! }
  type Date { on: DateTime, day: Day }
  type Day { on: DateTime, name: String }
`;

interface Stamp {
  readonly stamp: number;
}

const stampScalar = scalar<Stamp>({
  parse: (value) => {
    if (typeof value !== 'string' || !/^s\d+$/.test(value)) throw new Error('A stamp is s and digits.');
    return { stamp: Number(value.slice(1)) };
  },
  serialize: ({ stamp }) => `s${stamp}`,
});

const DAYS = ['2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00.500Z'];

// biome-ignore lint/suspicious/noExplicitAny: rows of this test
type Row = any;

const module = (): SchemaModule =>
  defineBackend()({
    name: 'events',
    typeDefs: { text: SDL, file: join(folderWith({ 's.graphql': SERVICE }), 'schema.graphql') },
    upstreams: {
      service: graphql({
        schema: './s.graphql',
        types: { Event: { fields: { slow: 'name' }, reads: { double: ['at'] } } },
      }),
    },
    policies: { never: async () => false },
    loaders: () => ({
      eventAt: remoteBatch('service', { field: 'eventsAt', argument: 'at', key: 'at' }),
      dayOn: remoteBatch('service', { field: 'days', argument: 'on', key: 'on' }),
    }),
    merge: { Event: { key: 'at', load: 'eventAt' } },
    resolvers: {
      Stamp: stampScalar,
      Query: {
        events: remote('service'),
        event: remote('service'),
        dates: () => DAYS.map((on) => ({ on: new Date(on) })),
      },
      Event: { following: loaded('eventAt', 'next'), double: ({ at }: Row) => at.stamp * 2 },
      Date: { day: loaded('dayOn', 'on') },
    },
  });

const EVENTS = [
  { id: 'e1', at: 's1', next: 's2', name: 'one', secret: 'x', rated: 1, parts: [{ id: 'p', size: 1 }] },
  { id: 'e2', at: 's2', next: 's9', name: 'two', secret: 'y', rated: 2, parts: [] },
];

const asking = (execution: Execution, resolvers: ServiceResolvers) => {
  const sent: { query: string; variables: unknown }[] = [];
  const script = scripted().graphql(resolvers);
  const gateway = buildGateway({
    modules: [module()],
    execution,
    connect: (owner, _name, definition) => {
      const send = scriptedSend(script, owner, definition, ({ route }) => new Error(route));
      return (call) => {
        if (call.message.protocol === 'rest') sent.push(JSON.parse(String(call.message.body)));
        return send(call);
      };
    },
  });
  const started = gateway.start();
  return {
    sent,
    ask: async (query: string, variables = {}) => {
      await started;
      const { data, errors } = await gateway.execute(paramsOf(query, { variables }), anonymousRequest());
      return { data, errors: pathsAndCodes(errors) };
    },
  };
};

test.each(EXECUTIONS)('%s: a scalar of the module has its internal values in rows, arguments and keys', async (by) => {
  const { ask, sent } = asking(by, {
    Query: {
      events: (_root, { since }) => EVENTS.filter(({ at }) => at >= since),
      eventsAt: (_root, { at }) => EVENTS.filter((event) => at.includes(event.at)).toReversed(),
    },
  });
  expect(await ask('{ events(since: "s1") { at double following { name } } }')).toEqual({
    data: {
      events: [
        { at: 's1', double: 2, following: { name: 'two' } },
        { at: 's2', double: 4, following: null },
      ],
    },
    errors: [],
  });
  expect(sent.map(({ variables }) => variables)).toEqual([{ v0: 's1' }, { keys: ['s2', 's9'] }]);
});

test.each(EXECUTIONS)('%s: a value that is none of the module’s scalar is an invalid response', async (by) => {
  const { ask } = asking(by, { Query: { event: () => ({ ...EVENTS[0], next: 'never' }) } });
  expect(await ask('{ event(id: "e1") { id next } }')).toEqual({
    data: { event: { id: 'e1', next: null } },
    errors: ['event.next UPSTREAM_BAD_RESPONSE'],
  });
});

test.each(EXECUTIONS)('%s: keys that are objects are different keys', async (by) => {
  const { ask } = asking(by, { Query: { days: (_root, { on }) => on.map((at: string) => ({ on: at, name: at })) } });
  expect((await ask('{ dates { day { name } } }')).data).toEqual({ dates: DAYS.map((name) => ({ day: { name } })) });
});

test.each(EXECUTIONS)('%s: a row of a service with nothing but its key is complete', async (by) => {
  const { ask, sent } = asking(by, { Query: { events: () => EVENTS } });
  expect((await ask('{ events { at double } }')).data).toEqual({
    events: [
      { at: 's1', double: 2 },
      { at: 's2', double: 4 },
    ],
  });
  expect(sent).toHaveLength(1);
  // Only the key is left of the selection.
  expect((await ask('{ events { at slow } }')).data).toEqual({
    events: [
      { at: 's1', slow: null },
      { at: 's2', slow: null },
    ],
  });
  expect(sent).toHaveLength(2);
});

test.each(EXECUTIONS)('%s: "not found" below a null of a service is an error, not an absent row', async (by) => {
  const missing = () => {
    throw Object.assign(new Error('gone'), { extensions: { code: 'NOT_FOUND' } });
  };
  const { ask } = asking(by, {
    Query: { event: () => EVENTS[0], events: () => EVENTS.slice(0, 1), eventsAt: () => EVENTS.slice(1) },
    Event: { rated: missing },
  });
  expect(await ask('{ event(id: "e1") { rated } }')).toEqual({ data: { event: null }, errors: ['event NOT_FOUND'] });
  const { data, errors } = await ask('{ events { following { rated } } }');
  expect(data).toEqual({ events: [{ following: null }] });
  expect(errors).toHaveLength(1);
});

test.each(EXECUTIONS)('%s: an error below one alias of a field leaves the others', async (by) => {
  const { ask } = asking(by, {
    Query: { event: () => EVENTS[0] },
    Part: {
      size: () => {
        throw new Error('broken');
      },
    },
  });
  const { data, errors } = await ask('{ event(id: "e1") { parts { id } sized: parts { size } } }');
  expect(data).toEqual({ event: { parts: [{ id: 'p' }], sized: null } });
  expect(errors).toHaveLength(1);
});

test.each(EXECUTIONS)('%s: an invalid argument of a nested field fails that field alone', async (by) => {
  const { ask } = asking(by, { Query: { event: () => EVENTS[0] } });
  const document =
    'query ($n: Int = 1) { event(id: "e1") { id parts { id } } other: event(id: "e2") { rated(by: [$n]) } }';
  expect(await ask(document, { n: null })).toEqual({
    data: { event: { id: 'e1', parts: [{ id: 'p' }] }, other: null },
    // Delegation reports the error at the null.
    errors: [by === 'compiled' ? 'other.rated BAD_USER_INPUT' : 'other BAD_USER_INPUT'],
  });
});

test('a plan does not request fields that the caller is refused, or that have invalid arguments', async () => {
  const { ask, sent } = asking('compiled', {
    Query: { event: () => EVENTS[0], events: () => EVENTS.slice(0, 1), eventsAt: () => EVENTS.slice(1) },
  });
  expect(await ask('{ event(id: "e1") { id name slow secret } }')).toEqual({
    data: { event: null },
    errors: ['event.secret UNAUTHENTICATED', 'event.slow UNAUTHENTICATED'],
  });
  expect(await ask('query ($n: Int = 1) { event(id: "e1") { id rated(by: [$n]) } }', { n: null })).toEqual({
    data: { event: null },
    errors: ['event.rated BAD_USER_INPUT'],
  });
  expect(await ask('{ events { following { id slow } } }')).toEqual({
    data: { events: [{ following: { id: 'e2', slow: null } }] },
    errors: ['events.0.following.slow UNAUTHENTICATED'],
  });
  expect(sent.map(({ query }) => query)).toEqual([
    'query event($v0: ID!) { event(id: $v0) { id name } }',
    'query event($v0: ID!) { event(id: $v0) { id } }',
    'query events { events { next } }',
    'query eventsAt($keys: [Stamp!]!) { eventsAt(at: $keys) { key__0: at ... on Event { id } } }',
  ]);
});
