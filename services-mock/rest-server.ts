import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CallLog, type OpenCall, plainHeaders, UNLOGGED } from './call-log.ts';
import type { Faults } from './faults.ts';
import { readJson } from './http-io.ts';
import { type Address, startHttpServer } from './http-server.ts';
import type { Listening } from './listen.ts';
import { Problem, problemBody } from './problem.ts';
import { answerWithFault, type Exchange, sendReply } from './rest-faults.ts';
import { idsOf, ok, type Reply, type RestService } from './rest-service.ts';
import { type Match, router } from './router.ts';
import { type Stamping, servedTo, stamped } from './stamp.ts';
import { waitWhileOpen } from './wait.ts';

export const REST_HEALTH_ROUTE = 'GET /health';

export interface RestServerOptions extends Address {
  readonly service: RestService;
  readonly log: CallLog;
  readonly faults: Faults;
  readonly stamping: Stamping;
}

const idsAskedFor = (match: Match | null, query: URLSearchParams): readonly string[] => {
  const id = match?.params.id;
  return id === undefined ? (idsOf(query, 'ids') ?? idsOf(query, 'customers') ?? []) : [id];
};

const problemReply = (error: unknown): Reply => {
  const body = error instanceof Problem ? error.body : problemBody(500, String(error));
  return { status: body.status, body };
};

const reply = (work: () => Reply): Reply => {
  try {
    return work();
  } catch (error) {
    return problemReply(error);
  }
};

const healthService: RestService = { [REST_HEALTH_ROUTE]: () => ok({ status: 'ok' }) };

/**
 * Serves `service` over HTTP, logs every call except health checks, and applies `faults`.
 *
 * @throws Error that names the address if the port is taken
 */
export const startRestServer = (options: RestServerOptions): Promise<Listening> => {
  const { service, log, faults, stamping, host, port } = options;
  const find = router({ ...healthService, ...service });

  const arrived = (request: IncomingMessage, route: string, ids: readonly string[]): OpenCall => {
    // Frequent health checks would hide the calls of a test.
    if (route === REST_HEALTH_ROUTE) return UNLOGGED;
    const { method = 'GET', url = '/', headers } = request;
    return log.arrived({ method, route, path: url, ids, headers: plainHeaders(headers) });
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/' } = request;
    const [path = '/', search = ''] = url.split('?', 2);
    const query = new URLSearchParams(search);
    const match = find(method, path);
    const route = match?.route ?? `${method} ${path}`;
    const call = arrived(request, route, idsAskedFor(match, query));
    response.on('finish', call.finished).on('close', call.closed);

    const body = await readJson(request).catch((error: unknown) => error);
    const work = (): Reply =>
      reply(() => {
        if (body instanceof Error) throw body;
        if (match === null) throw new Problem(404, `No such route: ${route}`, 'no-route');
        const answer = match.answer({ params: match.params, query, headers: request.headers, body });
        return { ...answer, body: stamped(answer.body, servedTo(request.headers.authorization), stamping.stamp) };
      });
    const exchange: Exchange = { response, call, work };
    const { latencyMs, fault } = faults.draw(route);
    if (!(await waitWhileOpen(latencyMs, response))) return;
    if (fault === null) sendReply(exchange, work());
    else answerWithFault(exchange, fault);
  };

  return startHttpServer(serve, { host, port });
};
