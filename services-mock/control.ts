import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { CallLog } from './call-log.ts';
import type { Fault } from './fault-schema.ts';
import type { Faults } from './faults.ts';
import { readJson, sendJson, sendProblem } from './http-io.ts';
import { type Address, startHttpServer } from './http-server.ts';
import type { Listening } from './listen.ts';
import { Problem, problemBody } from './problem.ts';
import { STAMPS, type Stamping } from './stamp.ts';

export interface ControlOptions extends Address {
  readonly log: CallLog;
  readonly faults: Faults;
  /** Throws an Error whose message is for the sender of the faults. */
  readFaults(body: unknown): readonly Fault[];
  readonly stamping: Stamping;
  /** Keys of an issuer; the other mocks have none. May throw a Problem. */
  readonly rotate?: ((body: unknown) => object) | undefined;
}

const StampBody = z.strictObject({ stamp: z.enum(STAMPS) });

type Action = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

const empty = (response: ServerResponse): void => {
  response.writeHead(204).end();
};

const actions = ({ log, faults, readFaults, stamping, rotate }: ControlOptions): Readonly<Record<string, Action>> => ({
  'GET /__calls': (_request, response) => sendJson(response, 200, { calls: log.calls() }),
  'DELETE /__calls': (_request, response) => {
    log.clear();
    empty(response);
  },
  'GET /__faults': (_request, response) => sendJson(response, 200, { faults: faults.list() }),
  'PUT /__faults': async (request, response) => {
    const body = await readJson(request);
    try {
      faults.replace(readFaults(body));
    } catch (error) {
      throw new Problem(400, error instanceof Error ? error.message : String(error), 'bad-faults');
    }
    sendJson(response, 200, { faults: faults.list() });
  },
  'DELETE /__faults': (_request, response) => {
    faults.replace([]);
    empty(response);
  },
  'GET /__stamp': (_request, response) => sendJson(response, 200, stamping),
  'PUT /__stamp': async (request, response) => {
    const parsed = StampBody.safeParse(await readJson(request));
    if (!parsed.success) throw new Problem(400, z.prettifyError(parsed.error), 'bad-stamp');
    stamping.stamp = parsed.data.stamp;
    sendJson(response, 200, stamping);
  },
  ...(rotate && {
    'POST /__rotate': async (request: IncomingMessage, response: ServerResponse) =>
      sendJson(response, 200, rotate(await readJson(request))),
  }),
});

/**
 * Starts the control API of a mock for tests and demos, on its own port without faults.
 *
 * @throws Error that names the address if the port is taken
 */
export const startControl = (options: ControlOptions): Promise<Listening> => {
  const byRoute = actions(options);
  const act = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const route = `${request.method} ${request.url}`;
    const action = byRoute[route];
    if (action === undefined) throw new Problem(404, `${route} is not one of ${Object.keys(byRoute).join(', ')}`);
    await action(request, response);
  };
  const serve = (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    act(request, response).catch((error: unknown) =>
      sendProblem(response, error instanceof Problem ? error.body : problemBody(500, String(error))),
    );
  return startHttpServer(serve, options);
};
