import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type PublicRig, publicRig } from '../../../test/support/http/public-rig.ts';
import { exchange, post, undecoded } from '../../../test/support/http/raw-http.ts';

const LONG = 'long '.repeat(600);
const bodyOf = (text: string) => JSON.stringify({ query: `{ echo(text: "${text}") }` });
const answered = (text: string) => `${JSON.stringify({ data: { echo: text } })}\n`;

const send = ({ port }: PublicRig, text: string, encoding: string, accept = 'application/json') =>
  undecoded(port, bodyOf(text), { 'accept-encoding': encoding, accept });

test.each([
  ['br', brotliDecompressSync],
  ['gzip', gunzipSync],
  ['zstd', zstdDecompressSync],
] as const)('a long response is compressed with %s if accepted, and complete', async (encoding, decompress) => {
  await using rig = await publicRig();
  for (const accept of ['application/json', 'application/graphql-response+json']) {
    const answer = await send(rig, LONG, encoding, accept);
    expect(answer.headers).toMatchObject({ 'content-encoding': encoding, 'content-type': `${accept}; charset=utf-8` });
    expect(answer.payload.length).toBeLessThan(500);
    expect(decompress(answer.payload).toString()).toMatch(/"echo":"long /);
    expect(JSON.parse(decompress(answer.payload).toString())).toEqual({ data: { echo: LONG } });
  }
});

test('a response of a megabyte arrives complete, and the access log counts the bytes sent', async () => {
  const entries: { bytes: number }[] = [];
  const text = Array.from({ length: 60_000 }, (_, n) => `${n} `).join('');
  await using rig = await publicRig({ maxBodyBytes: 2_000_000 }, { access: (entry) => void entries.push(entry) });
  const answer = await send(rig, text, 'gzip');
  expect(gunzipSync(answer.payload).toString()).toMatch(/^\{"data"/);
  expect(JSON.parse(gunzipSync(answer.payload).toString())).toEqual({ data: { echo: text } });
  await expect.poll(() => entries.map(({ bytes }) => bytes)).toEqual([answer.payload.length]);
});

test.each([
  ['a short response', 'short', 'br, gzip, zstd'],
  ['a client that accepts no compression', LONG, 'identity'],
  ['a client that excludes every supported coding', LONG, 'gzip;q=0, br;q=0, zstd;q=0'],
  ['a client that accepts an unsupported coding only', LONG, 'lzma'],
])('%s: the response is uncompressed, with Content-Length and Vary', async (_, text, encoding) => {
  await using rig = await publicRig();
  const answer = await send(rig, text, encoding);
  expect(answer.headers['content-encoding']).toBeUndefined();
  expect(answer.headers['content-length']).toBe(String(answered(text).length));
  expect(answer.headers.vary).toBe('accept, accept-encoding');
  expect(answer.payload.toString()).toBe(answered(text));
});

test('an uncompressed text of any length and alphabet arrives complete, with its Content-Length in bytes', async () => {
  await using rig = await publicRig({ maxBodyBytes: 2_000_000 });
  for (const length of [4_000, 4_072, 4_073, 4_074, 20_000, 200_000])
    for (const letter of ['a', 'é', 'Ł', '日', '😀']) {
      const sent = letter.repeat(length / letter.length);
      const answer = await send(rig, sent, 'identity');
      expect(answer.payload.toString()).toBe(answered(sent));
      expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answered(sent))));
    }
});

test('errors, HEAD and malformed requests are not compressed', async () => {
  await using rig = await publicRig();
  const encoding = { 'accept-encoding': 'br, gzip' };
  const broken = (await exchange(rig.port, post('{', encoding))).answer;
  expect(broken).toMatchObject({ status: 400, headers: { 'content-length': String(broken?.body.length) } });
  expect(broken?.headers['content-encoding']).toBeUndefined();
  expect(JSON.parse(broken?.body ?? '')).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  for (const [path, status] of [
    ['/graphql', 405],
    ['/readyz', 200],
  ] as const) {
    const answer = await fetch(rig.origin + path, { method: 'HEAD', headers: encoding });
    expect([answer.status, await answer.text(), answer.headers.get('content-encoding')]).toEqual([status, '', null]);
  }
});

test('every response has headers that forbid a browser to run or embed it', async () => {
  await using rig = await publicRig();
  for (const url of ['/graphql', '/nothing', '/livez'])
    expect((await rig.app.inject(url)).headers).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
});
