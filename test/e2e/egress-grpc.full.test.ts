import { readFileSync } from 'node:fs';
import { ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { noEgressProxies, startSquid, startTinyproxy } from '../support/backends/egress-proxies.ts';
import { BACKEND_CERTIFICATE } from '../support/backends/scheme-backend.ts';
import { INVENTORY_PROTO, inventoryServer } from '../support/grpc/grpc-server.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { readMany, startPartnerGateway } from '../support/processes/egress-gateway.ts';

const ACCOUNT = { user: 'gateway', password: 'g3heim-Zq81' };
const LONG = 300_000;
const CALLS = 300;

const FILES = {
  'partner/index.ts': `
import { defineBackend, grpc } from 'tributary/backend';
const text: string = 'type Query { thing(id: ID!): String }';
export default defineBackend()({
  name: 'partner',
  typeDefs: { text, file: import.meta.filename },
  upstreams: {
    things: grpc({
      proto: './inventory.proto',
      service: 'inventory.v1.Inventory',
      egress: { rotate: 'least-used' },
      // A slow call on a busy machine is not sent twice.
      timeoutMs: 100_000,
    }),
  },
  resolvers: {
    Query: {
      thing: async (_, { id }, { clients }) => {
        const { stocks } = await clients.things.batchGetStock({ productIds: [id] });
        return stocks[0].warehouse;
      },
    },
  },
});
`,
  'partner/inventory.proto': readFileSync(INVENTORY_PROTO, 'utf8'),
};

const CREDENTIALS = {
  grpc: () => ServerCredentials.createInsecure(),
  grpcs: () => {
    const [private_key, cert_chain] = [BACKEND_CERTIFICATE.key, BACKEND_CERTIFICATE.cert].map((pem) =>
      Buffer.from(pem),
    );
    if (private_key === undefined || cert_chain === undefined) throw new Error('there is no certificate');
    return ServerCredentials.createSsl(null, [{ private_key, cert_chain }]);
  },
};

/** A server of @grpc/grpc-js that counts its calls, until the test ends. */
const stockServer = async (scheme: keyof typeof CREDENTIALS) => {
  const ids: string[] = [];
  const peers = new Set<string>();
  const server = await inventoryServer(
    {
      BatchGetStock: (
        call: ServerUnaryCall<{ product_ids: readonly string[] }, unknown>,
        answer: sendUnaryData<unknown>,
      ) => {
        ids.push(...call.request.product_ids);
        peers.add(call.getPeer());
        const stocks = call.request.product_ids.map((product_id) => ({ product_id, available: 1, warehouse: 'well' }));
        answer(null, { stocks });
      },
    },
    { credentials: CREDENTIALS[scheme]() },
  );
  onTestFinished(() => server.stop());
  return { url: `${scheme}://127.0.0.1:${server.port}`, ids, peers };
};

const proxyAt = (port: number, name: string, password = ACCOUNT.password): string =>
  `http://${ACCOUNT.user}:${password}@127.0.0.1:${port};name=${name}`;

test.skipIf(noEgressProxies !== null).each(['grpc', 'grpcs'] as const)(
  `${CALLS} %s calls of a gateway process pass through tunnels of Squid and tinyproxy, and none directly`,
  { timeout: LONG },
  async (scheme) => {
    await using squid = await startSquid(ACCOUNT);
    await using tinyproxy = await startTinyproxy(ACCOUNT);
    const server = await stockServer(scheme);
    const gateway = await startPartnerGateway(FILES, {
      PARTNER_THINGS_ENDPOINTS: server.url,
      REQUEST_TIMEOUT_MS: '200000',
      EGRESS_PROXIES: [
        proxyAt(squid.port, 'squid'),
        proxyAt(tinyproxy.port, 'tinyproxy'),
        proxyAt(tinyproxy.port, 'mistaken', 'wr0ng-Zq81'),
      ].join(','),
      NODE_EXTRA_CA_CERTS: `${folderWith({ 'ca.pem': BACKEND_CERTIFICATE.cert })}/ca.pem`,
    });
    const results = await readMany(gateway, CALLS, 10);
    expect(results.filter(({ thing }) => thing !== 'well')).toEqual([]);
    // A proxy that rejects the gateway has sent nothing.
    expect(server.ids.toSorted()).toEqual(Array.from({ length: CALLS }, (_, at) => String(at + 1)).toSorted());
    const { egress } = await gateway.status();
    const byName = Object.fromEntries(egress.proxies.map((proxy) => [proxy.name, proxy.attempts.answered]));
    expect(byName.mistaken).toBe(0);
    expect((byName.squid ?? 0) + (byName.tinyproxy ?? 0)).toBe(CALLS);
    expect(Math.min(byName.squid ?? 0, byName.tinyproxy ?? 0)).toBeGreaterThan(0);
    // One connection through each proxy carries all calls.
    expect(server.peers.size).toBe(2);

    await tinyproxy[Symbol.asyncDispose]();
    const later = await readMany(gateway, 50, 5);
    expect(later.filter(({ thing }) => thing !== 'well')).toEqual([]);
    await squid[Symbol.asyncDispose]();
    const before = server.ids.length;
    expect((await gateway.read()).thing).toBeNull();
    expect(server.ids).toHaveLength(before);
    const shown = [gateway.answers(), gateway.running.output(), await gateway.admin('/status')].join('\n');
    for (const secret of [ACCOUNT.password, 'wr0ng-Zq81']) expect(shown).not.toContain(secret);
  },
);
