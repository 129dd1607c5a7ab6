import { connection, defineBackend, enumeration, errorFormats, rest, sdl, secret } from 'tributary/backend';
import { z } from 'zod';
import type { Schema } from './schema.generated.ts';

const State = z.enum({ OPEN: 'open', CLOSED: 'closed' });
const Id = z.int().transform(String);
const text = z.string();
const Repository = z.object({ id: Id, fullName: text, description: text.nullable(), url: z.url(), stars: z.int() });
const Account = z.object({ login: text, url: z.url() });
const Thread = z.object({ number: z.int(), title: text, state: State, url: z.url(), author: Account.nullable() });
// The list of issues contains the pull requests: they have the property `pull_request`.
const Threads = z.array(Thread.extend({ isDraft: z.boolean().default(false), pull: z.object({}).optional() }));
const NAMES = { url: 'html_url', stars: 'stargazers_count', author: 'user', isDraft: 'draft', pull: 'pull_request' };

interface Rows {
  readonly Repository: z.infer<typeof Repository> & { readonly version: string | null };
  readonly ThreadState: z.infer<typeof State>;
  readonly PullRequest: z.infer<typeof Threads>[number] & { readonly repo: string };
}

/** Repositories with their issues and pull requests, of a code hosting service. */
export default defineBackend<Schema<Rows>>()({
  name: 'code-hosting',
  typeDefs: sdl(import.meta.url),
  upstreams: {
    api: rest({
      auth: { bearer: secret('CODE_HOSTING_TOKEN') },
      headers: { accept: 'application/vnd.github+json', 'user-agent': 'shop' },
      rows: { case: 'snake', names: NAMES },
      errors: errorFormats.fieldErrors(),
    }),
  },

  resolvers: {
    Query: {
      repository: async (_root, path, { clients }) => {
        const { value, headers } = await clients.api.get.full('/repos/{owner}/{name}', { path, response: Repository });
        return { ...value, version: headers.etag ?? null };
      },
      isCurrent: async (_root, { id, version }, { clients }) => {
        const options = { path: { id }, headers: { 'if-none-match': version } };
        return (await clients.api.head('/repositories/{id}', options)).status === 304;
      },
    },
    Mutation: {
      updateRepository: async (_root, { input: { id, version, ...body } }, { clients }) => {
        const options = { path: { id }, body, headers: { 'if-match': version }, response: Repository };
        const { value, headers } = await clients.api.patch.full('/repositories/{id}', options);
        return { ...value, version: headers.etag ?? null };
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
            return {
              rows: value.map((row) => ({ ...row, repo: id, __typename: row.pull ? 'PullRequest' : 'Issue' })),
              next,
            };
          },
        }),
    },
    PullRequest: {
      diff: ({ repo: id, number }, _args, { clients }) => {
        const headers = { accept: 'application/vnd.github.diff' };
        return clients.api.get('/repositories/{id}/pulls/{number}', { path: { id, number }, as: 'text', headers });
      },
    },
    ThreadState: enumeration(State.enum),
  },
});
