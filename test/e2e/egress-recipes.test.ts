import { once } from 'node:events';
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { noEgressProxies, startSquid } from '../support/backends/egress-proxies.ts';
import { blocksOf } from '../support/processes/doc-blocks.ts';

const ACCOUNT = { user: 'gateway', password: 's3cret' };
const BASIC = `Basic ${Buffer.from(`${ACCOUNT.user}:${ACCOUNT.password}`).toString('base64')}`;
const PORT = 'http_port 3128\n';

/** Status of a CONNECT to a port on which nothing listens. */
const connectStatus = async (proxy: number, target: number, headers: Readonly<Record<string, string>>) => {
  const sent = request({ port: proxy, host: '127.0.0.1', method: 'CONNECT', path: `127.0.0.1:${target}`, headers });
  sent.end();
  const [response] = await once(sent, 'connect');
  sent.destroy();
  return response.statusCode;
};

test.skipIf(noEgressProxies !== null)(
  'the Squid of docs/egress.md tunnels to port 443 only, and only for its account',
  async () => {
    const [rules = ''] = blocksOf('docs/egress.md').flatMap(({ language, text }) =>
      language === 'squid' ? [text] : [],
    );
    expect(rules.startsWith(PORT)).toBe(true);
    await using squid = await startSquid(ACCOUNT, [], rules.slice(PORT.length));
    const statuses = [
      await connectStatus(squid.port, 443, {}),
      await connectStatus(squid.port, 8_443, { 'proxy-authorization': BASIC }),
      await connectStatus(squid.port, 443, { 'proxy-authorization': BASIC }),
    ];
    // It may connect to port 443, where nothing listens.
    expect(statuses).toEqual([407, 403, 503]);
  },
);
