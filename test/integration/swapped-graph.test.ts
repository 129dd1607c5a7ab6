import { batch } from 'tributary/backend';
import { expect, onTestFinished, test } from 'vitest';
import { firstCredential } from '../../src/auth/first-credential.ts';
import { systemClock } from '../../src/core/clock.ts';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { createPublicListener } from '../../src/http/graphql/public-listener.ts';
import { plain } from '../support/modules/small-modules.ts';

const BOOKS = ['b1', 'b2', 'b3'];

const SDL = 'type Query { version: Int! books: [Book!]! } type Book { id: ID! title: String';

/** Books with the version of the graph in their fields. In version 2, another module has the notes. */
const modulesOf = (version: number) => {
  const note = (id: string) => `note on ${id}, ${version}`;
  const isSplit = version === 2;
  const books = plain('books', `${SDL} ${isSplit ? '' : 'note: String'} }`, {
    merge: { Book: { key: 'id' } },
    resolvers: {
      Query: {
        version: () => version,
        books: async () => BOOKS.map((id) => ({ id, title: `${id}, ${version}`, note: note(id) })),
      },
    },
  });
  if (!isSplit) return [books];
  const notes = plain('notes', 'type Book { id: ID! note: String }', {
    loaders: () => ({
      // The key type has no generated type here.
      noteById: batch(
        async (ids: readonly string[]) => new Map(ids.map((id) => [id, { id, note: note(id) }])),
      ) as never,
    }),
    merge: { Book: { key: 'id', load: 'noteById' } },
  });
  return [books, notes];
};

const started = async (version: number) => {
  const planned: string[] = [];
  const gateway = buildGateway({
    modules: modulesOf(version),
    connect: () => () => Promise.reject(new Error('These modules have no upstream.')),
    report: { executed: ({ by }) => planned.push(by) },
  });
  await gateway.start();
  onTestFinished(() => gateway.stop());
  return { ...gateway, planned };
};

const answerOf = (version: number) => ({
  data: {
    version,
    books: BOOKS.map((id) => ({ id, title: `${id}, ${version}`, note: `note on ${id}, ${version}` })),
  },
});

test('a graph replaced under load answers every request entirely by the old or the new one', async () => {
  const graphs = [await started(1), await started(2)];
  let current = graphs[0];
  const app = createPublicListener({
    gateway: {
      execute: (...request) => {
        if (current === undefined) throw new Error('There is no graph.');
        return current.execute(...request);
      },
    },
    clock: systemClock,
    authenticator: firstCredential([]),
    config: { requestTimeoutMs: 200_000, maxBodyBytes: 10_000, corsOrigins: [], explorer: false },
    readiness: () => true,
    log: { warn: () => {}, error: () => {} },
  });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(async () => {
    app.server.closeAllConnections();
    await app.close();
  });

  const runQuery = async (): Promise<unknown> => {
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ version books { id title note } }' }),
    });
    return response.json();
  };
  const answers: unknown[] = [];
  const client = async (): Promise<void> => {
    for (let times = 0; times < 50; times += 1) {
      answers.push(await runQuery());
      // Every tenth answer replaces the graph.
      if (answers.length % 10 === 0) current = graphs[(answers.length / 10) % 2];
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));

  const versions = answers.map((answer) =>
    [1, 2].find((version) => JSON.stringify(answer) === JSON.stringify(answerOf(version))),
  );
  expect(versions).toHaveLength(800);
  expect(new Set(versions)).toEqual(new Set([1, 2]));
  const planned = graphs.flatMap((graph) => graph.planned);
  expect(planned).toHaveLength(800);
  expect(new Set(planned)).toEqual(new Set(['plan']));
});
