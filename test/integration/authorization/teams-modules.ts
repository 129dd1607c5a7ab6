import { batch, byKey, defineBackend, groupBy, loaded, type Principal, rest, rowPolicy } from 'tributary/backend';
import { z } from 'zod';
import type { Clock } from '../../../src/core/clock.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { UpstreamError } from '../../../src/core/errors.ts';
import { buildGateway } from '../../../src/graph/build-gateway.ts';
import type { ExecutionMode } from '../../../src/graph/execution-mode.ts';
import { ANONYMOUS, type RequestContext } from '../../../src/request/request-context.ts';
import type { Call, Send } from '../../../src/upstream/call.ts';
import { anonymousRequest, paramsOf } from '../../support/gateway/executed.ts';
import { typeDefs } from '../../support/modules/small-modules.ts';

const Members = z.array(z.object({ team: z.string(), member: z.string() }));
const Bodies = z.array(z.object({ id: z.string(), text: z.string() }));

export const DOCUMENTS = 500;
export const TEAMS = 50;

/** Documents of teams, whose bodies only members of the team may read. */
// biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
export const documents = defineBackend<any>()({
  name: 'documents',
  typeDefs: typeDefs(`
    type Query { documents: [Document!]  found: [Found!]  listed: [Listed!]  broken: Document  internal: String @policy(policies: [["staff"]]) }
    type Mutation { touch: Document }
    interface Listed { id: ID!  title: String }
    type Document implements Listed {
      id: ID!
      teamId: ID
      title: String
      body: String @policy(policies: [["member"], ["role:admin"]])
      secret: String @policy(policies: [["member", "role:keeper"]])
      size: Int @policy(policies: [["staff"], ["member"]])
      counted: Int @policy(policies: [["member"]]) @rateLimit(limit: 12, duration: 60)
      inner: Inner @policy(policies: [["member"]])
    }
    type Inner { text: String }
    type Folder { id: ID! }
    union Found = Document | Folder
  `),
  upstreams: { teams: rest(), bodies: rest() },
  loaders: ({ teams, bodies }) => ({
    documentById: batch(
      async (ids: readonly string[]) => new Map(ids.map((id) => [id, documentAt(Number(id.slice(1)))])),
    ),
    membersOfTeam: batch(async (ids: readonly string[]) =>
      groupBy(await teams.get('/members', { query: { ids: ids.join(',') }, response: Members }), 'team'),
    ),
    bodyById: batch(async (ids: readonly string[]) =>
      byKey(await bodies.get('/bodies', { query: { ids: ids.join(',') }, response: Bodies }), 'id'),
    ),
  }),
  policies: {
    member: rowPolicy('Document', ['teamId'], async ({ teamId }, { loaders, principal }) => {
      if (principal.kind !== 'user') return false;
      const members = Members.parse(await loaders.membersOfTeam?.load(String(teamId)));
      return members.some(({ member }) => member === principal.subject);
    }),
    staff: async (principal: Principal, _args, { clients }) =>
      principal.kind === 'user' &&
      (await clients.teams.get('/staff', { response: z.array(z.string()) })).includes(principal.subject),
  },
  merge: { Document: { key: 'id', load: 'documentById' } },
  resolvers: {
    Query: {
      documents: () => Array.from({ length: DOCUMENTS }, (_, at) => documentAt(at)),
      found: () => [
        { __typename: 'Folder', id: 'f' },
        { __typename: 'Document', ...documentAt(0) },
      ],
      listed: () => [{ __typename: 'Document', ...documentAt(1) }],
      broken: () => ({ id: 'd1', title: 'without a team' }),
      internal: () => 'internal',
    },
    Mutation: { touch: () => documentAt(0) },
    Document: {
      body: loaded('bodyById', 'id', (body: z.infer<typeof Bodies>[number] | null) => body?.text ?? null),
      secret: () => 'secret',
      size: () => 7,
      counted: () => 1,
      inner: () => ({ text: 'inner' }),
    },
  },
});

const documentAt = (at: number) => ({ id: `d${at}`, teamId: `t${at % TEAMS}`, title: `Document ${at}` });

/** A field of another module that is computed from a guarded one; its join passes what the policy needs. */
// biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
export const summaries = defineBackend<any>()({
  name: 'summaries',
  typeDefs: typeDefs('type Document { id: ID!  summary: String }'),
  merge: { Document: { key: 'id', needs: { summary: ['body', 'teamId'] } } },
  resolvers: { Document: { summary: ({ body }: { body: string }) => `summary of ${body}` } },
});

const idsIn = ({ message }: Call): readonly string[] =>
  message.protocol === 'rest' ? (new URLSearchParams(message.target.split('?')[1]).get('ids') ?? '').split(',') : [];

/** Answers of the backends: u1 is a member of the teams with an even number. */
export const answers = ({ call }: { readonly call: Call }): unknown => {
  if (call.route === 'GET /members')
    return idsIn(call).flatMap((team) => (Number(team.slice(1)) % 2 === 0 ? [{ team, member: 'u1' }] : []));
  if (call.route === 'GET /staff') return ['boss'];
  return idsIn(call).map((id) => ({ id, text: `body of ${id}` }));
};

export interface TeamsOptions {
  readonly execution: ExecutionMode;
  readonly clock?: Clock;
  /** Answer of a call, or a failure. */
  readonly answer?: (asked: { readonly call: Call }) => unknown;
}

/** A gateway over the documents; `calls` has the routes and ids of all calls to backends. */
export const teamsGateway = ({ execution, clock = systemClock, answer = answers }: TeamsOptions) => {
  const calls: { readonly route: string; readonly ids: readonly string[] }[] = [];
  const send: Send = async (call) => {
    calls.push({ route: call.route, ids: idsIn(call) });
    const value = await answer({ call });
    if (value instanceof Error) throw value;
    return { status: 200, headers: {}, size: 0, value };
  };
  const differences: unknown[] = [];
  const gateway = buildGateway({
    modules: [documents, summaries],
    connect: () => send,
    execution,
    clock,
    report: { differed: (difference) => differences.push(difference) },
  });
  const started = gateway.start();
  const query = async (document: string, more: Partial<RequestContext> = {}) => {
    await started;
    const request = { ...anonymousRequest(), principal: ANONYMOUS, ...more };
    const { data, errors = [] } = await gateway.execute(paramsOf(document), request);
    return { data: JSON.parse(JSON.stringify(data ?? null)), errors };
  };
  return { query, calls, differences };
};

/** A failure of the teams' backend; other calls are answered. */
export const failing =
  (code: 'SERVICE_UNAVAILABLE' | 'NOT_FOUND' | 'TIMEOUT', route = 'GET /members') =>
  ({ call }: { readonly call: Call }): unknown =>
    call.route === route ? new UpstreamError(code, call, 'failed') : answers({ call });
