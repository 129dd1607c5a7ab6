import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CallLog, plainHeaders } from '../call-log.ts';
import type { Faults } from '../faults.ts';
import { customer, rows } from '../fixtures.ts';
import { type Address, startHttpServer } from '../http-server.ts';
import type { Listening } from '../listen.ts';
import { answerWithFault } from '../rest-faults.ts';
import { ok } from '../rest-service.ts';
import { waitWhileOpen } from '../wait.ts';
import { chooseCustomer } from './pages.ts';
import { type LoginOptions, providerConfiguration, SHOWN } from './provider-configuration.ts';

export const LOGIN_ROUTES = [
  'GET /.well-known/openid-configuration',
  'GET /jwks',
  'POST /token',
  'POST /token/revocation',
] as const;

const formIn = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = '';
  for await (const chunk of request) text += String(chunk).slice(0, 1_024);
  return new URLSearchParams(text);
};

let areNoticesDropped = false;

/** Drops the notices of oidc-provider about settings for production, which a mock is not. */
const dropNotices = (): void => {
  if (areNoticesDropped) return;
  areNoticesDropped = true;
  for (const method of ['warn', 'info'] as const) {
    const write = console[method].bind(console);
    console[method] = (...values: readonly unknown[]) => {
      if (!String(values[0]).includes('oidc-provider ')) write(...values);
    };
  }
};

const sendPage = (response: ServerResponse, html: string): void => {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html);
};

export interface LoginServerOptions extends LoginOptions, Address {
  readonly log: CallLog;
  readonly faults: Faults;
}

/**
 * Serves an OpenID provider (oidc-provider) with the shop's customers, and without passwords.
 *
 * @throws Error that names the address if the port is taken
 */
export const startLoginServer = async (options: LoginServerOptions): Promise<Listening> => {
  const { log, faults, sizes, host, port } = options;
  dropNotices();
  // Loaded here: the other mocks do without it.
  const { default: Provider } = await import('oidc-provider');
  const customers = rows(Math.min(SHOWN, sizes.customers), customer);
  let provider: InstanceType<typeof Provider> | null = null;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = request;
    const [path = '/'] = url.split('?', 1);
    const route = `${method} ${path.startsWith('/interaction/') ? '/interaction/{uid}' : path}`;
    const call = log.arrived({ method, route, path, ids: [], headers: plainHeaders(headers) });
    response
      .on('finish', () => call.answered(response.statusCode))
      .on('finish', call.finished)
      .on('close', call.closed);
    const { latencyMs, fault } = faults.draw(route);
    if (!(await waitWhileOpen(latencyMs, response)) || provider === null) return;
    if (fault !== null) answerWithFault({ response, call, work: () => ok({}) }, fault);
    else if (!path.startsWith('/interaction/')) await provider.callback()(request, response);
    else if (method === 'GET') sendPage(response, chooseCustomer(path, customers));
    else {
      const accountId = (await formIn(request)).get('account') ?? '';
      await provider.interactionFinished(request, response, { login: { accountId } });
    }
  };

  const listening = await startHttpServer(serve, { host, port });
  // Browsers open the issuer: an address of this machine, by which a published port of a container is reached, too.
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host;
  provider = new Provider(`http://${reached}:${listening.port}`, providerConfiguration(options));
  return listening;
};
