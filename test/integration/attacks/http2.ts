import { expect, vi } from 'vitest';
import {
  END_HEADERS,
  END_STREAM,
  FRAME,
  type FrameConnection,
  frame,
  frameConnection,
  headerBlock,
  REQUEST,
} from '../../support/http/http2-frames.ts';
import { http2Client, type TlsRig, tlsRig } from '../../support/http/tls-rig.ts';

import { LONG_WAIT } from '../../support/processes/long-wait.ts';

import { type Attack, scenario } from './attack.ts';

type Header = readonly [string, string];

const QUERY: readonly Header[] = [
  [':method', 'POST'],
  [':scheme', 'https'],
  [':authority', 'localhost'],
  [':path', '/graphql'],
  ['content-type', 'application/json'],
];

const headersFrame = (stream: number, headers: readonly Header[], flags = END_HEADERS + END_STREAM): Buffer =>
  frame(FRAME.HEADERS, flags, stream, headerBlock(headers));

/** Code of the last frame of a type: the last four bytes of RST_STREAM, the second four of GOAWAY. */
const codeOf = (connection: FrameConnection, type: number, offset: number): number | null => {
  const found = connection.received().findLast((one) => one.type === type);
  return found === undefined ? null : found.payload.readUInt32BE(offset);
};

const goaway = (connection: FrameConnection) => codeOf(connection, FRAME.GOAWAY, 4);
/** The listener ends the connection. Its GOAWAY, which may be lost if the connection is reset, has one of these codes. */
const endsWith = async (connection: FrameConnection, ...codes: readonly number[]): Promise<void> => {
  await connection.closed();
  expect([...codes, null]).toContain(goaway(connection));
};
const reset = (connection: FrameConnection) => codeOf(connection, FRAME.RST_STREAM, 0);

/** The listener still answers a request on another connection. */
const stillAnswers = async (rig: TlsRig): Promise<void> => {
  await using client = await http2Client(rig.port);
  expect(await client.post('{ hello }')).toMatchObject({ status: 200 });
  expect(rig.errors).toEqual([]);
};

const attack = (title: string, play: (connection: FrameConnection, rig: TlsRig) => Promise<void>): Attack =>
  scenario('next', `HTTP/2: ${title}`, async () => {
    await using rig = await tlsRig();
    const connection = await frameConnection(rig.port);
    await play(connection, rig);
    connection.socket.destroy();
    await stillAnswers(rig);
  });

const NO_ERROR = 0;
const PROTOCOL_ERROR = 1;
const INTERNAL_ERROR = 2;
const FLOW_CONTROL_ERROR = 3;
const REFUSED_STREAM = 7;
const ENHANCE_YOUR_CALM = 11;

/** Body of the first response. */
const dataOf = async (connection: FrameConnection): Promise<string> => {
  const data = () => connection.received().find(({ type, payload }) => type === FRAME.DATA && payload.length > 0);
  await vi.waitUntil(() => data() !== undefined, LONG_WAIT);
  return data()?.payload.toString() ?? '';
};

/** Sends blocks of frames until the connection is closed. Returns their number. */
const flood = async (connection: FrameConnection, block: (n: number) => Buffer, most: number): Promise<number> => {
  let sent = 0;
  for (; sent < most && !connection.socket.destroyed; sent += 1) {
    connection.send(block(sent));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return sent;
};

const floods: readonly Attack[] = [
  attack('streams that are reset at once (rapid reset) end the connection', async (connection, rig) => {
    const sent = await flood(
      connection,
      (n) =>
        Buffer.concat([
          headersFrame(2 * n + 1, QUERY, END_HEADERS),
          frame(FRAME.RST_STREAM, 0, 2 * n + 1, Buffer.from([0, 0, 0, 8])),
        ]),
      20_000,
    );
    await endsWith(connection, INTERNAL_ERROR, ENHANCE_YOUR_CALM);
    expect(sent).toBeLessThan(20_000);
    // The rest is refused with the connection: no request of it has begun.
    await vi.waitUntil(() => rig.clients.length <= 1_000, LONG_WAIT);
  }),
  attack('more than 100 streams at one time are refused', async (connection, rig) => {
    connection.send(...Array.from({ length: 300 }, (_, n) => headersFrame(2 * n + 1, QUERY, END_HEADERS)));
    await vi.waitUntil(() => reset(connection) !== null || connection.socket.destroyed, LONG_WAIT);
    expect(reset(connection) ?? REFUSED_STREAM).toBe(REFUSED_STREAM);
    expect(rig.gateway.slowRequests).toEqual([]);
  }),
  attack('CONTINUATION frames without an end close the connection', async (connection, rig) => {
    connection.send(headersFrame(1, REQUEST, END_STREAM));
    const block = headerBlock([['x-a', 'b'.repeat(8_000)]]);
    const sent = await flood(connection, () => frame(FRAME.CONTINUATION, 0, 1, block), 10_000);
    await connection.closed();
    expect(sent).toBeLessThan(10_000);
    expect(rig.clients).toEqual([]);
  }),
  attack('empty CONTINUATION frames close the connection', async (connection, rig) => {
    connection.send(headersFrame(1, REQUEST, END_STREAM));
    await flood(connection, () => frame(FRAME.CONTINUATION, 0, 1), 10_000);
    await connection.closed();
    expect(rig.clients).toEqual([]);
  }),
  attack(
    'PING frames whose answers are not read close the connection, or are answered in bounded memory',
    async (connection) => {
      connection.socket.pause();
      const before = process.memoryUsage().rss;
      await flood(connection, () => Buffer.concat(Array(100).fill(frame(FRAME.PING, 0, 0, '12345678'))), 2_000);
      expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1_048_576);
    },
  ),
  attack(
    'SETTINGS frames whose answers are not read close the connection, or are answered in bounded memory',
    async (connection) => {
      connection.socket.pause();
      const before = process.memoryUsage().rss;
      await flood(connection, () => Buffer.concat(Array(100).fill(frame(FRAME.SETTINGS, 0, 0))), 2_000);
      expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1_048_576);
    },
  ),
];

const HUGE = 'x'.repeat(4_000);

const bombs: readonly Attack[] = [
  attack(
    'headers of more than 16 KiB are 431, also if the client has not accepted the settings',
    async (connection) => {
      const many: readonly Header[] = Array.from({ length: 4 }, (_, n) => [`x-${n}`, HUGE] as const);
      const block = headerBlock([...REQUEST, ...many, ['x-more', HUGE]]);
      connection.send(
        frame(FRAME.HEADERS, END_STREAM, 1, block.subarray(0, 16_000)),
        frame(FRAME.CONTINUATION, END_HEADERS, 1, block.subarray(16_000)),
      );
      expect(await dataOf(connection)).toContain('REQUEST_TOO_LARGE');
    },
  ),
  attack('one entry of the table, repeated 15,000 times (HPACK bomb), ends its stream', async (connection, rig) => {
    const entry = Buffer.concat([Buffer.from([0x40]), headerBlock([['x-bomb', HUGE]]).subarray(1)]);
    // The first entry of the dynamic table has the index 62.
    const block = Buffer.concat([headerBlock(REQUEST), entry, Buffer.alloc(10_000, 0x80 + 62)]);
    connection.send(frame(FRAME.HEADERS, END_STREAM + END_HEADERS, 1, block));
    await vi.waitUntil(() => reset(connection) !== null || connection.socket.destroyed, LONG_WAIT);
    expect(reset(connection) ?? ENHANCE_YOUR_CALM).toBe(ENHANCE_YOUR_CALM);
    expect(rig.clients).toEqual([]);
  }),
];

/** Headers that make a request malformed (RFC 9113, 8.1.1): its stream is reset, and no request begins. */
const MALFORMED: Readonly<Record<string, readonly Header[]>> = {
  'a name in capitals': [...QUERY, ['X-A', 'b']],
  'a header of a connection': [...QUERY, ['connection', 'close']],
  'Transfer-Encoding': [...QUERY, ['transfer-encoding', 'chunked']],
  'a line feed in the path': [...QUERY.filter(([name]) => name !== ':path'), [':path', '/graphql\nx']],
  'a pseudo-header after others': [...QUERY.slice(0, 3), ['x-a', 'b'], ...QUERY.slice(3)],
  'two paths': [...QUERY.slice(0, 4), [':path', '/admin'], ['content-type', 'application/json']],
  'an unknown pseudo-header': [[':evil', '1'], ...QUERY],
  'no path': QUERY.filter(([name]) => name !== ':path'),
  'an empty path': [...QUERY.filter(([name]) => name !== ':path'), [':path', '']],
  'no method': QUERY.filter(([name]) => name !== ':method'),
  'a user in the host': QUERY.map(([name, value]) => [name, name === ':authority' ? 'user@evil.test' : value]),
  'a wrong Content-Length': [...QUERY, ['content-length', '500']],
};

const malformed = Object.entries(MALFORMED).map(([title, headers]) =>
  attack(`${title} is refused`, async (connection, rig) => {
    connection.send(headersFrame(1, headers));
    await vi.waitUntil(
      () => reset(connection) !== null || goaway(connection) !== null || connection.socket.destroyed,
      LONG_WAIT,
    );
    expect([PROTOCOL_ERROR, NO_ERROR, null]).toContain(reset(connection) ?? goaway(connection));
    expect(rig.gateway.slowRequests).toEqual([]);
    expect(connection.received().filter(({ type }) => type === FRAME.DATA)).toEqual([]);
  }),
);

/** Headers that are dropped before the request begins. */
const DROPPED: Readonly<Record<string, Header>> = {
  'a line break in a value': ['x-a', 'b\r\nauthorization: Bearer eve'],
  'a NUL in a value': ['x-a', 'b\0'],
  'a colon in a name': ['x:a', 'b'],
  'a space in a name': ['x a', 'b'],
};

const dropped = Object.entries(DROPPED).map(([title, header]) =>
  attack(`${title}: the header does not reach the operation`, async (connection) => {
    const query = `{ a: header(name: "${header[0]}") b: header(name: "authorization") }`;
    connection.send(
      headersFrame(1, [...QUERY, header], END_HEADERS),
      frame(FRAME.DATA, END_STREAM, 1, JSON.stringify({ query })),
    );
    expect(JSON.parse(await dataOf(connection))).toEqual({ data: { a: null, b: null } });
  }),
);

/** Requests that are rejected with a response. */
const REJECTED: Readonly<
  Record<string, readonly [headers: Readonly<Record<string, string | string[]>>, status: number]>
> = {
  'a Host that differs from :authority': [{ host: 'evil.test' }, 400],
  'another expectation': [{ expect: 'a miracle' }, 417],
  'a fragment in the path': [{ ':path': '/graphql#x' }, 400],
};

const rejected = Object.entries(REJECTED).map(([title, [headers, status]]) =>
  scenario('next', `HTTP/2: ${title} is ${status}`, async () => {
    await using rig = await tlsRig();
    await using client = await http2Client(rig.port);
    const answer = await client.request(
      {
        ':method': 'POST',
        ':path': '/graphql',
        ':authority': 'localhost',
        'content-type': 'application/json',
        ...headers,
      },
      '{"query":"{ hello }"}',
    );
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body).errors[0].extensions.code).toBe('BAD_REQUEST');
  }),
);

const others: readonly Attack[] = [
  attack('two Authorization headers are 401', async (connection) => {
    const twice: readonly Header[] = [...QUERY, ['authorization', 'Bearer a'], ['authorization', 'Bearer b']];
    connection.send(headersFrame(1, twice, END_HEADERS), frame(FRAME.DATA, END_STREAM, 1, '{"query":"{ hello }"}'));
    expect(await dataOf(connection)).toContain('UNAUTHENTICATED');
  }),
  attack('CONNECT is 501', async (connection) => {
    connection.send(
      headersFrame(1, [
        [':method', 'CONNECT'],
        [':authority', '169.254.169.254:80'],
      ]),
    );
    expect(await dataOf(connection)).toContain('not a proxy');
  }),
  attack('a body over the limit without a Content-Length is 413', async (connection) => {
    connection.send(headersFrame(1, QUERY, END_HEADERS), frame(FRAME.DATA, 0, 1, 'x'.repeat(11_000)));
    expect(await dataOf(connection)).toContain('REQUEST_TOO_LARGE');
  }),
  attack(
    'a push of the client, data of an idle stream, and a window beyond 2^31 end the connection',
    async (connection, rig) => {
      connection.send(frame(FRAME.DATA, 0, 99, 'x'));
      await endsWith(connection, PROTOCOL_ERROR);
      const second = await frameConnection(rig.port);
      second.send(frame(FRAME.WINDOW_UPDATE, 0, 0, Buffer.from([0x7f, 0xff, 0xff, 0xff])));
      await endsWith(second, FLOW_CONTROL_ERROR);
      const third = await frameConnection(rig.port);
      third.send(
        frame(FRAME.PUSH_PROMISE, END_HEADERS, 1, Buffer.concat([Buffer.from([0, 0, 0, 2]), headerBlock(REQUEST)])),
      );
      await endsWith(third, PROTOCOL_ERROR);
    },
  ),
];

/** Attacks with the frames of HTTP/2. */
export const http2: readonly Attack[] = [...floods, ...bombs, ...malformed, ...dropped, ...rejected, ...others];
