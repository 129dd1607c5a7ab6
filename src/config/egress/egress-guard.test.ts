import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { EgressRefusedError, egressGuard, type RefusedConnection, type ResolveName } from './egress-guard.ts';
import { egressRules } from './egress-rules.ts';
import { ownRequests } from './own-requests.ts';
import { parseProxyList } from './proxy-list.ts';
import { usualProxies } from './usual-proxies.ts';

/** A resolver with these answers in turn; the last one repeats. */
const resolving = (...answers: readonly (readonly string[])[]) => {
  let asked = 0;
  const resolve: ResolveName = (_name, _options, found) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    found(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { resolve, asked: () => asked };
};

const serverOf = async (): Promise<{ readonly port: number; readonly received: () => number }> => {
  let received = 0;
  const server: Server = createServer((_request, response) => {
    received += 1;
    response.setHeader('connection', 'close').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, received: () => received }; // a TCP server has an AddressInfo
};

const guarded = (entries: readonly string[], resolve: ResolveName) => {
  const refused: RefusedConnection[] = [];
  const requests = ownRequests(egressGuard(egressRules(entries), { resolve, onRefused: (one) => refused.push(one) }));
  onTestFinished(() => requests.close());
  const reason = (url: string) =>
    requests.fetch(url, {}).then(
      ({ status }) => status,
      (error: Error) => error.cause,
    );
  return { reason, refused };
};

test('a name that turns to the metadata address after a good answer is refused at the next connection', async () => {
  const { port, received } = await serverOf();
  const { resolve, asked } = resolving(['127.0.0.1'], ['169.254.169.254']);
  const { reason, refused } = guarded([], resolve);
  expect(await reason(`http://rebound.example:${port}/`)).toBe(200);
  expect(await reason(`http://rebound.example:${port}/`)).toBeInstanceOf(EgressRefusedError);
  // One resolution for each connection: the address that was checked is the one that is connected to.
  expect([asked(), received(), refused]).toEqual([2, 1, [{ host: 'rebound.example', reason: 'metadata' }]]);
});

test('of several addresses only allowed ones are connected to', async () => {
  const { port, received } = await serverOf();
  const { reason } = guarded([], resolving(['169.254.169.254', '::ffff:169.254.169.254', '127.0.0.1']).resolve);
  expect(await reason(`http://mixed.example:${port}/`)).toBe(200);
  expect(received()).toBe(1);
});

test.each([
  'http://169.254.169.254/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://[::ffff:169.254.169.254]/',
  'http://[fe80::1]/',
  'http://[fd00:ec2::254]/',
])('%s is refused without a lookup', async (url) => {
  const { resolve, asked } = resolving(['127.0.0.1']);
  const { reason } = guarded([], resolve);
  expect(await reason(url)).toMatchObject({ code: 'EGRESS_REFUSED' });
  expect(asked()).toBe(0);
});

test('with a list, other hosts are refused and listed ones are called', async () => {
  const { port } = await serverOf();
  const { reason } = guarded(['listed.example', '10.0.0.0/8'], resolving(['127.0.0.1']).resolve);
  expect(await reason(`http://listed.example:${port}/`)).toBe(200);
  expect(await reason(`http://other.example:${port}/`)).toMatchObject({ code: 'EGRESS_REFUSED' });
  expect(await reason(`http://127.0.0.1:${port}/`)).toMatchObject({ code: 'EGRESS_REFUSED' });
});

test('a failed lookup stays that failure', async () => {
  const { reason } = guarded([], (_name, _options, found) =>
    found(Object.assign(new Error('gone'), { code: 'ENOTFOUND' }), []),
  );
  expect(await reason('http://gone.example/')).toMatchObject({ code: 'ENOTFOUND' });
});

test('a proxy of the environment receives no name that the guard refuses', async () => {
  const { port, received } = await serverOf();
  const [proxy] = parseProxyList(`http://user:pass@127.0.0.1:${port}`);
  const requests = ownRequests(egressGuard(egressRules([])), usualProxies({ http: proxy ?? null, https: null }, []));
  onTestFinished(() => requests.close());
  await expect(requests.fetch('http://metadata.google.internal/', {})).rejects.toThrow(EgressRefusedError);
  expect(received()).toBe(0);
  expect((await requests.fetch('http://issuer.example/keys', {})).status).toBe(200);
  expect(received()).toBe(1);
});
