import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import { folderWith } from '../modules/module-folder.ts';
import { type RunningProcess, startNode } from './processes.ts';

const Result = z.object({
  data: z.looseObject({ thing: z.string().nullable() }).nullable(),
  errors: z
    .array(
      z.looseObject({
        extensions: z.looseObject({
          code: z.string(),
          details: z.looseObject({ retryAfter: z.int().optional() }).optional(),
        }),
      }),
    )
    .optional(),
});

/** Result of one read: the text, or the error. */
export interface ReadThing {
  readonly thing: string | null;
  readonly code: string | null;
  readonly retryAfter: number | null;
  readonly ms: number;
}

/** A gateway process with one upstream, `partner.things`. */
export interface EgressGateway {
  readonly running: RunningProcess;
  /** Reads a thing of its own: no two reads share a call. */
  read(headers?: Readonly<Record<string, string>>): Promise<ReadThing>;
  status(): Promise<z.infer<typeof Status>>;
  /** Text of a page of the admin listener. */
  admin(path: string): Promise<string>;
  /** Text of all answers to clients. */
  answers(): string;
}

const Status = z.looseObject({
  upstreams: z.record(z.string(), z.looseObject({ endpoints: z.array(z.looseObject({ state: z.string() })) })),
  egress: z.looseObject({
    proxies: z.array(
      z.looseObject({ name: z.string(), state: z.string(), attempts: z.record(z.string(), z.number()) }),
    ),
    refusals: z.record(z.string(), z.number()),
  }),
});

const moduleWith = (options: string): string => `
import { defineBackend, rest } from 'tributary/backend';
import { z } from 'zod';
const text: string = 'type Query { thing(id: ID!): String }';
export default defineBackend()({
  name: 'partner',
  typeDefs: { text, file: import.meta.filename },
  upstreams: { things: rest(${options}) },
  resolvers: {
    Query: { thing: (_, { id }, { clients }) => clients.things.get('/things/{id}', { path: { id }, response: z.string() }) },
  },
});
`;

/** Starts a gateway process with these options of its REST upstream, until the test ends. */
export const startEgressGateway = (options: string, env: Readonly<Record<string, string>>): Promise<EgressGateway> =>
  startPartnerGateway({ 'partner/index.ts': moduleWith(options) }, env);

/** Starts a gateway process with this module: `Query.thing` and the upstream `partner.things`. Until the test ends. */
export const startPartnerGateway = async (
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<EgressGateway> => {
  const running = startNode('src/main.ts', [], {
    env: {
      PORT: '0',
      HOST: '127.0.0.1',
      ADMIN_PORT: '0',
      CLIENT_RATE_LIMIT: 'off',
      SCHEMA_DIR: folderWith(files),
      ...env,
    },
  });
  onTestFinished(async () => {
    await running.stop('SIGKILL');
  });
  const [, graphql = '', admin = ''] = await running.waitFor(/ready: (\S+) \(admin (\S+)\)/);
  const texts: string[] = [];
  let id = 0;
  const page = async (path: string) => (await fetch(new URL(path, admin))).text();
  return {
    running,
    answers: () => texts.join('\n'),
    admin: page,
    status: async () => Status.parse(JSON.parse(await page('/status'))),
    read: async (headers = {}) => {
      id += 1;
      const since = performance.now();
      const response = await fetch(graphql, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: 'query ($id: ID!) { thing(id: $id) }', variables: { id: String(id) } }),
      });
      const text = await response.text();
      texts.push(text);
      const { data, errors } = Result.parse(JSON.parse(text));
      const extensions = errors?.[0]?.extensions;
      return {
        thing: data?.thing ?? null,
        code: extensions?.code ?? null,
        retryAfter: extensions?.details?.retryAfter ?? null,
        ms: performance.now() - since,
      };
    },
  };
};

/** Reads `count` things, so many at a time. */
export const readMany = async (
  { read }: Pick<EgressGateway, 'read'>,
  count: number,
  concurrency: number,
): Promise<readonly ReadThing[]> => {
  const results: ReadThing[] = [];
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      results.push(await read());
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  expect(results).toHaveLength(count);
  return results;
};
