import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { Call, RestMessage } from '../../src/upstream/call.ts';
import { endpointAt } from '../../src/upstream/endpoints/endpoint.ts';
import { type RedirectOptions, redirectSettings } from '../../src/upstream/rest/redirect-options.ts';
import { restTransport } from '../../src/upstream/rest/transport.ts';
import { BodyStream } from '../../src/upstream/stream/body-stream.ts';
import { ofRest } from '../support/modules/test-module.ts';

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Respond = (received: Received, response: ServerResponse) => void;

/** A server that records its requests. */
const serverWith = async (respond: Respond) => {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url: path = '', headers } = request;
    received.push({ method, path, headers, body });
    respond({ method, path, headers, body }, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
};

const redirectTo =
  (locations: Readonly<Record<string, string>>, status = 302): Respond =>
  ({ path }, response) => {
    const location = locations[path];
    if (location === undefined) response.end('{"ok":true}');
    else response.writeHead(status, { location }).end('moved');
  };

const HEADERS = { authorization: 'Bearer secret', cookie: 'a=b', 'x-api-key': 'secret', 'x-forwarded-for': '10.0.0.1' };

const sendTo = async (
  url: string,
  message: Partial<RestMessage> = {},
  options: RedirectOptions | false = {},
  idempotent = true,
) => {
  const redirects = redirectSettings(options);
  const transport = restTransport({
    clock: systemClock,
    maxResponseBytes: 10_000,
    connectTimeoutMs: 10_000,
    ...(redirects && { redirects }),
  });
  onTestFinished(() => transport.close());
  const call: Call = {
    upstream: 'a.b',
    route: 'GET /x',
    idempotent,
    principalKey: 'anonymous',
    headers: HEADERS,
    message: { protocol: 'rest', method: 'GET', target: '/x', body: null, ...message },
    deadline: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    request: null,
    attempt: 1,
    endpoint: endpointAt(url),
  };
  return transport.send(call);
};

test.each([301, 302, 303, 307, 308])(
  'a read is followed within its origin after %s, with the same headers',
  async (status) => {
    const { origin, received } = await serverWith(redirectTo({ '/v1/x': '/v2/x?a=1#part', '/v2/x?a=1': 'y' }, status));
    const { value } = await sendTo(`${origin}/v1`);
    expect(value).toEqual({ ok: true });
    expect(received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/x',
      'GET /v2/x?a=1',
      'GET /v2/y',
    ]);
    expect(received[2]?.headers).toMatchObject(HEADERS);
  },
);

test('an absolute location of the same origin is followed, and HEAD stays HEAD', async () => {
  const { origin, received } = await serverWith(({ path }, response) =>
    response.writeHead(path === '/x' ? 301 : 200, path === '/x' ? { location: `${origin}/y` } : {}).end(),
  );
  await sendTo(origin, { method: 'HEAD', as: 'none' });
  expect(received.map(({ method, path }) => `${method} ${path}`)).toEqual(['HEAD /x', 'HEAD /y']);
});

test('another origin receives no request unless it is allowed, and then no header that proves an identity', async () => {
  const other = await serverWith(redirectTo({}));
  const { origin } = await serverWith(redirectTo({ '/x': `${other.origin.replace('//', '//user:pass@')}/files/1` }));
  await expect(sendTo(origin)).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', status: 302 });
  expect(other.received).toEqual([]);

  expect((await sendTo(origin, {}, { origins: [other.origin] })).value).toEqual({ ok: true });
  const [{ headers = {} } = {}] = other.received;
  expect(Object.keys(headers).toSorted()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
});

test('credentials that another origin did not receive are not sent after the way back', async () => {
  const other = await serverWith((_, response) => response.writeHead(302, { location: `${origin}/back` }).end());
  const { origin, received } = await serverWith(redirectTo({ '/x': `${other.origin}/y` }));
  // The first origin is allowed too, as a backend with two names has it.
  await sendTo(origin, {}, { origins: [other.origin, origin] });
  expect(received.map(({ path }) => path)).toEqual(['/x', '/back']);
  expect(received[1]?.headers).not.toHaveProperty('authorization');
});

test.each([
  ['a write after 302', { method: 'POST', body: '{}' }, 302, true],
  ['a write after 303', { method: 'POST', body: '{}' }, 303, true],
  ['a write that is not idempotent', { method: 'POST', body: '{}' }, 307, false],
] as const)('%s is not followed', async (_what, message, status, idempotent) => {
  const { origin, received } = await serverWith(redirectTo({ '/x': '/y' }, status));
  await expect(sendTo(origin, message, {}, idempotent)).rejects.toMatchObject({
    code: 'UPSTREAM_BAD_RESPONSE',
    status,
  });
  expect(received).toHaveLength(1);
});

test.each([307, 308])('an idempotent write is sent again after %s, with its body', async (status) => {
  const { origin, received } = await serverWith(redirectTo({ '/x': '/y' }, status));
  expect((await sendTo(origin, { method: 'PUT', body: '{"n":1}' })).value).toEqual({ ok: true });
  expect(received.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['PUT', '/x', '{"n":1}'],
    ['PUT', '/y', '{"n":1}'],
  ]);
});

test('a body that is a stream is sent once, and a write never goes to another origin', async () => {
  const other = await serverWith(redirectTo({}));
  const { origin, received } = await serverWith(({ path }, response) =>
    response.writeHead(307, { location: path === '/x' ? '/y' : `${other.origin}/y` }).end(),
  );
  const chunks = (async function* () {
    yield Buffer.from('{}');
  })();
  const body = new BodyStream({ name: 'x', chunks, maxBytes: 10, release: () => {} });
  await expect(sendTo(origin, { method: 'PUT', body })).rejects.toMatchObject({ status: 307 });
  expect(received).toHaveLength(1);
  await expect(
    sendTo(origin, { method: 'PUT', target: '/z', body: '{}' }, { origins: [other.origin] }),
  ).rejects.toMatchObject({ status: 307 });
  expect(other.received).toEqual([]);
});

test('a loop ends after the maximum number of redirects', async () => {
  const { origin, received } = await serverWith(redirectTo({ '/x': '/x' }));
  await expect(sendTo(origin, {}, { max: 2 })).rejects.toMatchObject({
    code: 'UPSTREAM_BAD_RESPONSE',
    reason: 'more than 2 redirects',
  });
  expect(received).toHaveLength(3);
});

test.each([
  ['no location', undefined],
  ['another scheme', 'file:///etc/passwd'],
  ['no URL', 'http://['],
])('a redirect with %s is not followed', async (_what, location) => {
  const { origin, received } = await serverWith((_, response) =>
    response.writeHead(302, location === undefined ? {} : { location }).end(),
  );
  await expect(sendTo(origin)).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', status: 302 });
  expect(received).toHaveLength(1);
});

test('redirects: false follows none', async () => {
  const { origin, received } = await serverWith(redirectTo({ '/x': '/y' }));
  await expect(sendTo(origin, {}, false)).rejects.toMatchObject({ status: 302 });
  expect(received).toHaveLength(1);
});

test('options of redirects that are not possible are problems at the start', () => {
  expect(
    ofRest({ redirects: { max: 0, origins: ['https://files.example.com/a', 'ftp://files.example.com'] } }),
  ).toEqual([
    'redirects.max of upstream stock is 0: use a whole number of at least 1',
    `redirects.origins of upstream stock is ["https://files.example.com/a","ftp://files.example.com"]: use an origin without a path, as in 'https://files.example.com'`,
  ]);
});
