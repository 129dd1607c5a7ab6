import { expect } from 'vitest';
import { readRequestRules } from '../../../src/config/network/request-rules.ts';
import { metRules } from '../../../src/http/client/met-rules.ts';
import { routedGateway } from '../../support/gateway/routed-gateway.ts';
import { rawConnection } from '../../support/http/raw-http.ts';
import { filesModule } from '../../support/modules/files-module.ts';
import { type Attack, scenario } from './attack.ts';

const RULES = {
  rules: [
    { name: 'partner', when: { header: { 'X-Partner': { equals: ['shop'] } } }, action: 'allow' },
    { name: 'bad-agent', when: { header: { 'User-Agent': { matches: '(?i)badbot' } } }, action: 'deny' },
    { name: 'old-app', when: { client: ['old-app'] }, action: 'deny' },
    { name: 'debug', when: { header: { 'x-debug': { present: true } } }, action: 'deny' },
    { name: 'files', when: { path: ['/files'], method: ['GET'] }, action: 'deny' },
    { name: 'no-agent', when: { header: { 'user-agent': { present: false } } }, action: 'deny' },
  ],
};

const rulesOf = (file: unknown) => {
  const { rules, problems } = readRequestRules(JSON.stringify(file));
  expect(problems).toEqual([]);
  return metRules(rules ?? []);
};

const line = (start: string, headers: readonly string[]): string =>
  [`${start} HTTP/1.1`, 'host: gateway.test', 'content-length: 0', ...headers, '', ''].join('\r\n');

const GRAPHQL = 'GET /graphql?query=%7B__typename%7D';

const requests: readonly (readonly [title: string, start: string, headers: readonly string[]])[] = [
  ['a name of a header in another case', GRAPHQL, ['USER-AGENT: BadBot/1']],
  ['a value in another case', GRAPHQL, ['user-agent: x bAdBoT']],
  ['a second header that Node drops', GRAPHQL, ['user-agent: good', 'user-agent: badbot']],
  ['a first header of two', GRAPHQL, ['user-agent: badbot', 'user-agent: good']],
  [
    'the name of a client in a second header',
    GRAPHQL,
    ['user-agent: good', 'apollographql-client-name: new', 'Apollographql-Client-Name: old-app'],
  ],
  ['an empty header that must not be present', GRAPHQL, ['user-agent: good', 'X-Debug:']],
  ['a missing header', GRAPHQL, []],
  ['a path of a route', 'GET /files/1', ['user-agent: good']],
  ['an encoded path', 'GET /%66iles/1', ['user-agent: good']],
  ['a path with a query', 'GET /files/1?a=/x', ['user-agent: good']],
  ['a path that the routes refuse', 'GET /files/%2e%2e', ['user-agent: good']],
  ['an allowed value beside another one', 'GET /files/1', ['x-partner: shop', 'x-partner: evil', 'user-agent: good']],
  ['a value with an allowed one in a list', 'GET /files/1', ['x-partner: evil, shop', 'user-agent: good']],
];

/** Attacks that spell a request in another way than a rule of `REQUEST_RULES`. */
export const deniedRequests: readonly Attack[] = requests.map(([title, start, headers]) =>
  scenario('next', `a rule denies ${title}`, async ({ isDirect }) => {
    const first = rulesOf(RULES);
    await using gateway = await routedGateway([filesModule], (_, response) => response.end('ok'), {
      listener: { directEdge: isDirect },
      config: { listener: { requestRules: () => first } },
    });
    const connection = await rawConnection(gateway.port);
    connection.send(line(start, headers));
    const [answer] = await connection.answers(1);
    connection.socket.destroy();
    expect(answer?.status).toBe(403);
    expect(JSON.parse(answer?.body ?? '{}')).toMatchObject(
      start.includes('graphql') ? { errors: [{ extensions: { code: 'FORBIDDEN' } }] } : {},
    );
    expect(gateway.received).toEqual([]);
  }),
);
