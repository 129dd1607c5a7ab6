import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Certificate } from '../certificates/local-certificate.ts';
import { portOf } from '../processes/ports.ts';

/** Behaviour of a forward proxy: it passes requests on, answers with a status, never answers, or resets. */
export type ProxyMode =
  | 'forward'
  | 'hang'
  | 'reset'
  | { readonly status: number; readonly headers?: Record<string, string> };

/** A forward proxy that a test controls: CONNECT, and requests in absolute form. */
export interface ForwardProxy {
  /** `http://<user>:<password>@127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  mode: ProxyMode;
  /** Targets of CONNECT. */
  readonly tunnels: readonly string[];
  /** Requests in absolute form. */
  readonly requests: readonly Pick<IncomingMessage, 'method' | 'url' | 'headers'>[];
  /** Number of requests of both kinds, whatever became of them. */
  readonly asked: number;
  /** Ends it: open connections are lost, and new ones are refused. */
  kill(): Promise<void>;
}

const USER = 'ann';

/** Answers a CONNECT that is not forwarded. */
const refuseTunnel = (mode: Exclude<ProxyMode, 'forward'>, socket: Socket): void => {
  if (mode === 'hang') return;
  if (mode === 'reset') {
    socket.resetAndDestroy();
    return;
  }
  const headers = Object.entries(mode.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${mode.status} No\r\n${headers.join('')}\r\n`);
};

const openTunnel = (url: string, socket: Socket): Socket => {
  const { hostname, port } = new URL(`http://${url}`);
  const target = connect({ host: hostname, port: Number(port) }, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    target.pipe(socket).pipe(target);
  });
  target.on('error', () => socket.destroy());
  socket.once('close', () => target.destroy());
  target.once('close', () => socket.destroy());
  return target;
};

const passOn: RequestListener = (request, response) => {
  const { 'proxy-authorization': _, ...headers } = request.headers;
  const passed = httpRequest(request.url ?? '', { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, { ...answer.headers, via: '1.1 test' });
    answer.pipe(response);
  });
  passed.on('error', () => response.writeHead(502).end());
  request.pipe(passed);
};

/** Starts a forward proxy that requires this password, over TLS if there is a certificate. It ends with the test. */
export const forwardProxy = async (password: string, tls: Certificate | null = null): Promise<ForwardProxy> => {
  const expected = `Basic ${Buffer.from(`${USER}:${password}`).toString('base64')}`;
  const sockets = new Set<Socket>();
  const tunnels: string[] = [];
  const requests: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[] = [];
  const asked = { count: 0 };
  const server = tls === null ? createServer() : createSecureServer(tls);
  const modeFor = ({ headers }: IncomingMessage): ProxyMode => {
    asked.count += 1;
    return headers['proxy-authorization'] === expected ? proxy.mode : { status: 407 };
  };
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const mode = modeFor(request);
    if (mode !== 'forward') {
      refuseTunnel(mode, socket);
      return;
    }
    tunnels.push(request.url ?? '');
    sockets.add(openTunnel(request.url ?? '', socket));
  });
  server.on('request', (request, response) => {
    const mode = modeFor(request);
    requests.push({ method: request.method, url: request.url, headers: request.headers });
    if (mode === 'forward') passOn(request, response);
    else if (mode === 'reset') request.socket.resetAndDestroy();
    else if (mode !== 'hang') response.writeHead(mode.status, mode.headers).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = portOf(server);
  const kill = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  onTestFinished(kill);
  const proxy: ForwardProxy = {
    url: `${tls === null ? 'http' : 'https'}://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    port,
    mode: 'forward',
    tunnels,
    requests,
    get asked() {
      return asked.count;
    },
    kill,
  };
  return proxy;
};
