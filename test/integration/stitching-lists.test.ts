import { batch, byKey, loaded, rest } from 'tributary/backend';
import { reply, type ScriptedRequest, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { expectErrorsAtNulls } from '../support/gateway/gateway.ts';
import { define, idsOf, pathsAndCodes, plain, typeDefs } from '../support/modules/small-modules.ts';

const Rating = z.object({ id: z.string(), stars: z.int() });
const ratings = define({
  name: 'ratings',
  typeDefs: typeDefs('type Film { id: ID! stars: Int words: String! }'),
  upstreams: { api: rest() },
  loaders: ({ api }) => ({
    ratingById: batch(async (ids: readonly string[]) => {
      const rows = byKey(await api.get('/ratings', { query: { ids: ids.join(',') }, response: z.array(Rating) }), 'id');
      return { get: (id: string) => (id === 'bad' ? new Error('only this one') : rows.get(id)) };
    }),
  }),
  merge: { Film: { key: 'id' } },
  resolvers: {
    Film: {
      stars: loaded('ratingById', 'id', (row) => row?.stars),
      words: loaded('ratingById', 'id', (row) => row && `${row.stars} of 5`),
    },
  },
});
const film = (id: string) => ({ __typename: 'Film', id });
const cinema = plain(
  'cinema',
  `type Query { films: [Film]! nights: [[Film!]]! screen: [Shown!]! any: [Showing!]! }
   interface Shown { id: ID! }
   type Film implements Shown { id: ID! }
   type Advert implements Shown { id: ID! seconds: Int }
   union Showing = Film | Advert`,
  {
    merge: { Film: { key: 'id' } },
    resolvers: {
      Query: {
        films: () => [film('f1'), null, film('bad'), film('f3')],
        nights: () => [[film('f1'), film('f2')], null, [], [film('f3'), film('bad')]],
        screen: () => [{ __typename: 'Advert', id: 'a1', seconds: 9 }, film('f2'), film('bad')],
        any: () => [film('f1'), { __typename: 'Advert', id: 'a2', seconds: 7 }],
      },
    },
  },
);
const STARS: Readonly<Record<string, number>> = { f1: 1, f2: 2, f3: 3 };
const api = scripted().get('/ratings', (request: ScriptedRequest) =>
  idsOf(request).flatMap((id) => (STARS[id] === undefined ? [] : [{ id, stars: STARS[id] }])),
);
const cinemaGateway = () => testBackend(ratings, { api }, { beside: [cinema] });

test('the error of one joined entity is at its own index, and the others keep their data', async () => {
  const gateway = cinemaGateway();
  const { data, errors } = await gateway.query('{ films { id stars } }');
  expect(data.films).toEqual([{ id: 'f1', stars: 1 }, null, { id: 'bad', stars: null }, { id: 'f3', stars: 3 }]);
  expect(pathsAndCodes(errors)).toEqual(['films.2.stars INTERNAL_SERVER_ERROR']);
  expect(gateway.calls).toEqual(['ratings.api GET /ratings']);
});

test('nested lists are joined with one call, and errors have both indexes', async () => {
  const gateway = cinemaGateway();
  const { data, errors = [] } = await gateway.query('{ nights { stars } }');
  expect(data.nights).toEqual([[{ stars: 1 }, { stars: 2 }], null, [], [{ stars: 3 }, { stars: null }]]);
  expect(pathsAndCodes(errors)).toEqual(['nights.3.1.stars INTERNAL_SERVER_ERROR']);
  expect(gateway.calls).toEqual(['ratings.api GET /ratings']);
});

test('the runtime type of an interface or union is joined like any other type', async () => {
  const gateway = cinemaGateway();
  const { data, errors } = await gateway.query(`{
    screen { id __typename ... on Film { stars } ... on Advert { seconds } }
    any { ... on Film { stars id } ... on Advert { seconds } ... on Shown { shown: id } }
  }`);
  expect(data).toEqual({
    screen: [
      { id: 'a1', __typename: 'Advert', seconds: 9 },
      { id: 'f2', __typename: 'Film', stars: 2 },
      { id: 'bad', __typename: 'Film', stars: null },
    ],
    any: [
      { stars: 1, id: 'f1', shown: 'f1' },
      { seconds: 7, shown: 'a2' },
    ],
  });
  expect(pathsAndCodes(errors)).toEqual(['screen.2.stars INTERNAL_SERVER_ERROR']);
});

test('null in a non-null joined field propagates to the nearest nullable one, with its error', async () => {
  const { data, errors = [] } = await cinemaGateway().query('{ films { id words } nights { words } }');
  expect(data).toEqual({
    films: [{ id: 'f1', words: '1 of 5' }, null, null, { id: 'f3', words: '3 of 5' }],
    nights: [[{ words: '1 of 5' }, { words: '2 of 5' }], null, [], null],
  });
  expectErrorsAtNulls({ data, errors });
  expect(pathsAndCodes(errors)).toEqual([
    'films.2.words INTERNAL_SERVER_ERROR',
    'nights.3.1.words INTERNAL_SERVER_ERROR',
  ]);
});

test('an Error in a list that a loader returns is reported at its own index', async () => {
  const chart = define({
    name: 'chart',
    typeDefs: typeDefs('type Query { best(first: Int): [Film] }  type Film { id: ID! }'),
    upstreams: { api: rest() },
    loaders: ({ api }) => ({
      filmById: batch(async (ids: readonly string[]) => {
        const rows = byKey(await api.get('/films', { query: { ids: ids.join(',') }, response: z.array(Rating) }), 'id');
        return { get: (id: string) => (id === 'bad' ? new Error('only this one') : rows.get(id)) };
      }),
    }),
    merge: { Film: { key: 'id' } },
    resolvers: { Query: { best: (_root, _args, { loaders }) => loaders.filmById.loadMany(['f1', 'bad', 'f9', 'f3']) } },
  });
  const films = scripted().get('/films', (request: ScriptedRequest) =>
    idsOf(request).flatMap((id) => (STARS[id] === undefined ? [] : [{ id, stars: 0 }])),
  );
  const gateway = testBackend(chart, { api: films, 'ratings.api': api }, { beside: [ratings] });
  const { data, errors } = await gateway.query('{ best { id stars } }');
  expect(data.best).toEqual([{ id: 'f1', stars: 1 }, null, null, { id: 'f3', stars: 3 }]);
  expect(pathsAndCodes(errors)).toEqual(['best.1 INTERNAL_SERVER_ERROR']);
});

test('an entity that a module does not know has null fields without errors', async () => {
  const nothing = scripted().get('/ratings', []);
  const gateway = testBackend(ratings, { api: nothing }, { beside: [cinema] });
  const { data, errors } = await gateway.query('{ screen { id ... on Film { stars } } }');
  expect(data.screen[1]).toEqual({ id: 'f2', stars: null });
  expect(pathsAndCodes(errors)).toEqual(['screen.2.stars INTERNAL_SERVER_ERROR']);
});

test('404 for a whole batch is null in nullable fields', async () => {
  const gone = scripted().get('/ratings', reply({ status: 404 }));
  const gateway = testBackend(ratings, { api: gone }, { beside: [cinema] });
  const { data, errors } = await gateway.query('{ films { id stars } }');
  expect(data.films).toEqual([{ id: 'f1', stars: null }, null, { id: 'bad', stars: null }, { id: 'f3', stars: null }]);
  expect(errors).toBeUndefined();
});
