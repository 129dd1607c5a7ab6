import { connection, defineBackend, enumeration, errorFormats, rest, sdl, secret } from 'tributary/backend';
import { z } from 'zod';
import type { Schema } from './schema.generated.ts';

const State = z.enum({ OPEN: 'open', CLOSED: 'closed' });
const Repository = z.object({
  id: z.int().transform(String),
  fullName: z.string(),
  description: z.string().nullable(),
  url: z.url(),
  stars: z.int(),
});
const Account = z.object({ login: z.string(), url: z.url() });
const Thread = z.object({ number: z.int(), title: z.string(), state: State, url: z.url(), author: Account.nullable() });
// The list of issues contains the pull requests: they have this property.
const Threads = z.array(Thread.extend({ isDraft: z.boolean().default(false), pullRequest: z.object({}).optional() }));

interface Rows {
  readonly Repository: z.infer<typeof Repository> & { readonly version: string | null };
  readonly ThreadState: z.infer<typeof State>;
  readonly PullRequest: z.infer<typeof Threads>[number] & { readonly repository: string };
}

const typeOf = ({ pullRequest }: { pullRequest?: object | undefined }) => (pullRequest ? 'PullRequest' : 'Issue');
const versioned = <Row>({ value, headers }: { value: Row; headers: Readonly<Record<string, string>> }) => ({
  ...value,
  version: headers.etag ?? null,
});

/** Repositories with their issues and pull requests, of a code hosting service. */
export default defineBackend<Schema<Rows>>()({
  name: 'code-hosting',
  typeDefs: sdl(import.meta.url),
  upstreams: {
    api: rest({
      auth: { bearer: secret('CODE_HOSTING_TOKEN') },
      headers: { accept: 'application/vnd.github+json', 'user-agent': 'shop' },
      rows: { case: 'snake', names: { url: 'html_url', stars: 'stargazers_count', author: 'user', isDraft: 'draft' } },
      errorCodes: { 412: 'CONFLICT' },
      errors: errorFormats.fieldErrors(),
    }),
  },

  resolvers: {
    Query: {
      repository: async (_root, path, { clients }) =>
        versioned(await clients.api.get.full('/repos/{owner}/{name}', { path, response: Repository })),
    },
    Mutation: {
      updateRepository: async (_root, { input: { id, version, ...body } }, { clients }) => {
        const options = { path: { id }, body, headers: { 'if-match': version }, response: Repository };
        return versioned(await clients.api.patch.full('/repositories/{id}', options));
      },
    },
    Repository: {
      threads: ({ id }, { state, ...args }, { clients }) =>
        connection({
          style: 'link',
          args,
          parameters: ['page'],
          fetch: async ({ limit, query }) => {
            const options = { path: { id }, query: { state, per_page: limit, ...query }, response: Threads };
            const { value, next } = await clients.api.getPage('/repositories/{id}/issues', options);
            return { rows: value.map((row) => ({ ...row, repository: id, __typename: typeOf(row) })), next };
          },
        }),
    },
    PullRequest: {
      diff: ({ repository: id, number }, _args, { clients }) => {
        const headers = { accept: 'application/vnd.github.diff' };
        return clients.api.get('/repositories/{id}/pulls/{number}', { path: { id, number }, as: 'text', headers });
      },
    },
    ThreadState: enumeration(State.enum),
  },
});
