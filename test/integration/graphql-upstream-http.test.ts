import { expect, onTestFinished, test } from 'vitest';
import { connectAll } from '../../src/app/upstream-registry.ts';
import { systemClock } from '../../src/core/clock.ts';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import { httpServer } from '../support/backends/hostile-http.ts';
import { anonymousRequest, paramsOf } from '../support/gateway/executed.ts';
import { productModule, reviewModule } from '../support/modules/review-module.ts';

type Respond = (attempt: number) => { readonly status?: number; readonly type?: string; readonly body: unknown };

/** A gateway with the real transport to a service that answers as `respond` says. */
const served = async (respond: Respond) => {
  let attempts = 0;
  const server = await httpServer((_request, response) => {
    attempts += 1;
    const { status = 200, type = 'application/graphql-response+json', body } = respond(attempts);
    response.writeHead(status, { 'content-type': type }).end(typeof body === 'string' ? body : JSON.stringify(body));
  }, '/base');
  const modules = [reviewModule(), productModule()];
  const sources = new Map([['REVIEWS_REVIEWS_ENDPOINTS', parseEndpoints(server.endpoint.url.href, 'graphql')]]);
  const upstreams = connectAll(modules, sources, { clock: systemClock });
  onTestFinished(() => upstreams.close());
  const gateway = buildGateway({
    modules,
    introspection: true,
    connect: (module, name) => upstreams.connect(module, name),
  });
  await gateway.start();
  const runQuery = async (query: string) => {
    const { data, errors } = await gateway.execute(paramsOf(query), anonymousRequest());
    return { data, codes: errors?.map(({ extensions }) => extensions?.code) ?? [] };
  };
  return { runQuery, requests: server.requests };
};

const REVIEW = '{ review(id: "c1") { id stars } }';
const DATA = { data: { review: { id: 'c1', stars: 5 } } };
const ADD = 'mutation { addReview(input: { item: "p1", stars: 2 }) { id } }';

test('a query is a POST with JSON to the path below that of the endpoint', async () => {
  const { runQuery, requests } = await served(() => ({ body: DATA }));
  expect(await runQuery(REVIEW)).toEqual({ data: DATA.data, codes: [] });
  expect(requests).toHaveLength(1);
  expect(requests[0]).toMatchObject({
    method: 'POST',
    url: '/base/graphql',
    headers: {
      accept: 'application/graphql-response+json, application/json;q=0.9',
      'content-type': 'application/json',
    },
  });
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
    query: 'query review($v0: ID!) { review(id: $v0) { id stars: rating } }',
    operationName: 'review',
    variables: { v0: 'c1' },
  });
});

test('identical queries in flight share one request', async () => {
  const { runQuery, requests } = await served(() => ({ body: DATA, type: 'application/json' }));
  expect(await Promise.all([runQuery(REVIEW), runQuery(REVIEW)])).toEqual(
    [1, 2].map(() => ({ data: DATA.data, codes: [] })),
  );
  expect(requests).toHaveLength(1);
});

test('a query is sent again after 503, and a mutation is not', async () => {
  const { runQuery, requests } = await served((attempt) =>
    attempt === 1 ? { status: 503, body: '' } : { body: DATA },
  );
  expect(await runQuery(REVIEW)).toEqual({ data: DATA.data, codes: [] });
  expect(requests).toHaveLength(2);
  const failing = await served(() => ({ status: 503, body: '' }));
  expect((await failing.runQuery(ADD)).codes).toEqual(['SERVICE_UNAVAILABLE']);
  expect(failing.requests).toHaveLength(1);
});

test.each([
  [{ status: 400, body: { errors: [{ message: 'unknown field' }] } }, 'UPSTREAM_ERROR'],
  [{ status: 404, body: 'no such page' }, 'UPSTREAM_ERROR'],
  [{ body: '<html>', type: 'text/html' }, 'UPSTREAM_BAD_RESPONSE'],
])('the answer %j is %s', async (answer, code) => {
  const { runQuery } = await served(() => answer);
  expect(await runQuery(REVIEW)).toEqual({ data: { review: null }, codes: [code] });
});
