import { expect } from 'vitest';
import { accessRules } from '../../../src/config/network/access-rules.ts';
import { routedGateway } from '../../support/gateway/routed-gateway.ts';
import { rawConnection } from '../../support/http/raw-http.ts';
import { filesModule } from '../../support/modules/files-module.ts';
import { type Attack, scenario } from './attack.ts';

const DENIED = ['/files', '/typed', '/versioned', '/static/{path=**}', '/live', '/mine/{id}', '/graphql'];

const ORIGIN = 'https://shop.example';

const line = (start: string, headers: readonly string[] = []): string =>
  [`${start} HTTP/1.1`, 'host: gateway.test', 'content-length: 0', ...headers, '', ''].join('\r\n');

const preflight = (path: string): string =>
  line(`OPTIONS ${path}`, [`origin: ${ORIGIN}`, 'access-control-request-method: PUT']);

/** Each would be answered with a status that shows which routes exist. */
const requests: readonly (readonly [title: string, bytes: string])[] = [
  ['another method of a pass-through route', line('PUT /files/1')],
  ['an unknown method of a pass-through route', line('PROPFIND /files/1')],
  ['another method of /graphql', line('PUT /graphql')],
  ['a path below a route', line('GET /files/1/2')],
  ['a path above a route', line('GET /files')],
  ['a path with a slash at its end', line('GET /files/1/')],
  ['an encoded path', line('GET /%66iles/1')],
  ['a path that the routes refuse', line('GET /files/%2e%2e')],
  ['a body of another type', line('POST /typed', ['content-type: text/plain'])],
  ['a path with a variable in its rule', line('PUT /mine/1')],
  ['another method of a path with all further segments', line('PUT /static/a/b')],
  ['a preflight of a pass-through route', preflight('/files/1')],
  ['a preflight of /graphql', preflight('/graphql')],
  ['OPTIONS without an origin', line('OPTIONS /files/1')],
  ['a WebSocket route without an upgrade', line('GET /live')],
  [
    'a WebSocket behind another request',
    line('GET /versioned') +
      line('GET /live', [
        'connection: upgrade',
        'upgrade: websocket',
        'sec-websocket-version: 13',
        'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
      ]).replace('content-length: 0\r\n', ''),
  ],
];

/** Attacks of a client with an address that `ACCESS_RULES` denies for a part of the routes. */
export const deniedAddresses: readonly Attack[] = requests.map(([title, bytes]) =>
  scenario('next', `a denied address gets 403 for ${title}`, async ({ isDirect }) => {
    await using gateway = await routedGateway([filesModule], (_, response) => response.end('ok'), {
      listener: { directEdge: isDirect },
      config: {
        corsOrigins: [ORIGIN],
        listener: { accessRules: accessRules.parse(DENIED.map((path) => `deny 127.0.0.1 ${path}`).join()) },
      },
    });
    const connection = await rawConnection(gateway.port);
    connection.send(bytes);
    const answers = await connection.answers(bytes.split(' HTTP/1.1').length - 1);
    connection.socket.destroy();
    expect(answers.map(({ status, headers }) => [status, headers.allow])).toEqual(answers.map(() => [403, undefined]));
    expect(gateway.received).toEqual([]);
  }),
);
