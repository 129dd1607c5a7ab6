import type { FastifyInstance } from 'fastify';
import type { PassThroughRoute } from '../../graph/routes/pass-through-route.ts';

const ERROR = { $ref: '#/components/responses/Error' };

const ERROR_SCHEMA = {
  type: 'object',
  required: ['code', 'message', 'requestId'],
  properties: {
    code: { type: 'string' },
    message: { type: 'string' },
    details: { type: 'object' },
    requestId: { type: 'string' },
  },
};

const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

const isSecured = ({ requirement }: PassThroughRoute): boolean =>
  requirement.authenticated || requirement.scopes.length > 0 || requirement.policies.length > 0;

/** Scopes of each alternative; of one without scopes, none. */
const securityOf = (route: PassThroughRoute): readonly object[] =>
  (route.requirement.scopes[0] ?? [[]]).map((scopes) => ({ bearer: scopes }));

const mediaTypes = (routes: readonly PassThroughRoute[]): readonly string[] =>
  routes.flatMap(({ settings }) => {
    const types = settings.kind === 'pass' ? settings.when?.contentType : undefined;
    return types === undefined || types === true ? ['*/*'] : [types].flat();
  });

const answersOf = (routes: readonly PassThroughRoute[]): object => ({
  ...(routes.some(({ settings }) => settings.kind === 'websocket') && { 101: { description: 'A WebSocket.' } }),
  ...(routes.some(({ settings }) => settings.kind === 'pass') && { '2XX': { description: 'The answer.' } }),
  ...(routes.some(isSecured) && { 401: ERROR, 403: ERROR }),
  ...(routes.some(({ quota }) => quota !== null) && { 429: ERROR }),
  '4XX': ERROR,
  '5XX': ERROR,
});

const operationOf = (routes: readonly PassThroughRoute[]): object => {
  const [first] = routes;
  const names = first?.pattern.segments.flatMap((segment) => (segment.is === 'fixed' ? [] : [segment.name])) ?? [];
  const summary = routes.flatMap(({ settings }) => settings.summary ?? []).join(' ');
  const isOpen = routes.some((route) => !isSecured(route));
  const types = Object.fromEntries(mediaTypes(routes).map((type) => [type, {}]));
  return {
    ...(summary !== '' && { summary }),
    ...(names.length > 0 && {
      parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    }),
    ...(!isOpen && { security: routes.flatMap(securityOf) }),
    ...(first !== undefined && WITH_BODY.has(first.pattern.method) && { requestBody: { content: types } }),
    responses: answersOf(routes),
  };
};

/** The OpenAPI document of pass-through routes, without the upstreams and modules behind them. */
export const openApiDocument = (routes: readonly PassThroughRoute[]): object => {
  const paths: Record<string, Record<string, object>> = {};
  const byKey = Map.groupBy(routes, ({ pattern }) => `${pattern.method} ${pattern.path}`);
  for (const [key, alternatives] of byKey) {
    const [method = '', path = ''] = key.split(' ');
    const item = paths[path.replace('=**}', '}')] ?? {};
    paths[path.replace('=**}', '}')] = { ...item, [method.toLowerCase()]: operationOf(alternatives) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Routes', version: '1' },
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      responses: { Error: { description: 'An error.', content: { 'application/json': { schema: ERROR_SCHEMA } } } },
    },
  };
};

/** Adds `GET /openapi.json`. */
export const addOpenApi = (app: FastifyInstance, routes: readonly PassThroughRoute[]): void => {
  const document = JSON.stringify(openApiDocument(routes));
  app.get('/openapi.json', (request, reply) => {
    reply.hijack();
    request.exchange.answer(
      200,
      { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' },
      document,
    );
  });
};
