import { expect, test } from 'vitest';
import { publicRig } from '../../../test/support/http/public-rig.ts';
import { bodiless, exchange, post, rawConnection } from '../../../test/support/http/raw-http.ts';
import { accessRules } from '../../config/network/access-rules.ts';

const HELLO = '{"query":"{ hello }"}';

const statusOf = async (port: number, bytes: string): Promise<number | undefined> =>
  (await exchange(port, bytes)).answer?.status;

/** A public listener with these rules, with the direct edge and without it. */
const rigWith = (rules: string, directEdge: boolean, trustedProxies: readonly string[] = []) =>
  publicRig({ trustedProxies, listener: { accessRules: accessRules.parse(rules) } }, { directEdge });

test.each([true, false])(
  'a denied address has no answer but 403 and that of probes; direct edge: %s',
  async (direct) => {
    await using rig = await rigWith('deny 127.0.0.1', direct);
    const { answer } = await exchange(rig.port, post(HELLO));
    expect(answer).toMatchObject({ status: 403 });
    expect(JSON.parse(answer?.body ?? '').errors[0]).toMatchObject({
      message: 'Not allowed.',
      extensions: { code: 'FORBIDDEN' },
    });
    expect(
      await statusOf(rig.port, bodiless('GET', '/graphql?query={hello}', { 'apollo-require-preflight': 'x' })),
    ).toBe(403);
    expect(await statusOf(rig.port, bodiless('GET', '/nowhere'))).toBe(403);
    expect(await statusOf(rig.port, bodiless('GET', '/readyz'))).toBe(200);
  },
);

test.each([true, false])(
  'the address behind a trusted proxy decides, and no other header; direct edge: %s',
  async (direct) => {
    const from = (address: string) => post(HELLO, { 'x-forwarded-for': address });
    await using proxied = await rigWith('allow 10.0.0.0/8, deny all', direct, ['127.0.0.1']);
    expect(await statusOf(proxied.port, from('10.2.3.4'))).toBe(200);
    expect(await statusOf(proxied.port, from('10.2.3.4, 203.0.113.9'))).toBe(403);
    await using plain = await rigWith('allow 10.0.0.0/8, deny all', direct);
    expect(await statusOf(plain.port, from('10.2.3.4'))).toBe(403);
  },
);

test.each([
  ['/graphql', 403],
  ['/graphql?a=/files', 403],
  ['/%67raphql', 403],
  ['//graphql', 404],
  ['/files', 404],
] as const)('rules for /graphql decide on the route of %s: %d', async (path, status) => {
  await using rig = await rigWith('deny all /graphql', true);
  expect(await statusOf(rig.port, post(HELLO).replace('/graphql', path))).toBe(status);
});

test.each([true, false])(
  'a URL beyond MAX_URL_LENGTH is 414, headers beyond MAX_HEADER_BYTES 431; direct edge: %s',
  async (direct) => {
    await using rig = await publicRig(
      { listener: { maxUrlLength: 100, maxHeaderBytes: 2_000 } },
      { directEdge: direct },
    );
    const get = (length: number) =>
      bodiless('GET', `/graphql?query={hello}&x=${'y'.repeat(length - 25)}`, { 'apollo-require-preflight': 'x' });
    expect(await statusOf(rig.port, get(100))).toBe(200);
    expect(await statusOf(rig.port, get(101))).toBe(414);
    expect(await statusOf(rig.port, post(HELLO, { 'x-long': 'y'.repeat(1_500) }))).toBe(200);
    expect(await statusOf(rig.port, post(HELLO, { 'x-long': 'y'.repeat(2_000) }))).toBe(431);
  },
);

test('connections of one address beyond the limit are closed, and a closed one makes room', async () => {
  await using rig = await publicRig({ listener: { connectionLimits: { all: 10, perAddress: 2 } } });
  const [first, second] = [await rawConnection(rig.port), await rawConnection(rig.port)];
  second.send(post(HELLO));
  expect((await second.answers(1))[0]?.status).toBe(200);
  const third = await rawConnection(rig.port);
  third.send(post(HELLO));
  await third.closed();
  expect(third.received()).toBe('');
  expect(rig.warnings).toContainEqual(
    expect.objectContaining({ message: 'A connection was refused.', reason: 'too many connections of one address' }),
  );
  first.socket.destroy();
  await expect.poll(() => statusOf(rig.port, post(HELLO))).toBe(200);
  second.socket.destroy();
});

test('connections beyond the limit of all are closed, those of a trusted proxy included', async () => {
  await using rig = await publicRig({
    trustedProxies: ['127.0.0.1'],
    listener: { connectionLimits: { all: 3, perAddress: 1 } },
  });
  const open = [await rawConnection(rig.port), await rawConnection(rig.port), await rawConnection(rig.port)];
  for (const connection of open) connection.send(post(HELLO));
  for (const connection of open) expect((await connection.answers(1))[0]?.status).toBe(200);
  const fourth = await rawConnection(rig.port);
  await fourth.closed();
  expect(rig.warnings).toContainEqual(expect.objectContaining({ reason: 'too many connections' }));
  for (const { socket } of open) socket.destroy();
});

test('a connection with a PROXY header counts for the address in it', async () => {
  await using rig = await publicRig({
    proxyProtocol: ['127.0.0.1'],
    listener: { connectionLimits: { all: 10, perAddress: 1 } },
  });
  const from = (address: string) => `PROXY TCP4 ${address} 192.0.2.1 50000 443\r\n${post(HELLO)}`;
  const [one, other] = [await rawConnection(rig.port), await rawConnection(rig.port)];
  one.send(from('203.0.113.9'));
  other.send(from('203.0.113.10'));
  expect([(await one.answers(1))[0]?.status, (await other.answers(1))[0]?.status]).toEqual([200, 200]);
  const again = await rawConnection(rig.port);
  again.send(from('203.0.113.9'));
  await again.closed();
  expect(again.received()).toBe('');
  for (const { socket } of [one, other]) socket.destroy();
});
