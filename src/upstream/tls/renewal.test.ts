import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { expect, onTestFinished, test, vi } from 'vitest';
import { certificateFolder } from '../../../test/support/certificates/certificate-folder.ts';
import { TestAuthority } from '../../../test/support/certificates/test-authority.ts';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { callOf } from '../../../test/support/grpc/grpc-server.ts';
import { LONG_WAIT } from '../../../test/support/processes/long-wait.ts';
import { portOf } from '../../../test/support/processes/ports.ts';
import { endpoint, restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf } from '../../../test/support/upstream/rest-transport.ts';
import { grpcTransport } from '../grpc/transport.ts';
import { restTransport } from '../rest/transport.ts';
import { readTls } from './read-tls.ts';
import { UpstreamTls } from './upstream-tls.ts';

const MINUTE_MS = 60_000;
const [root, other] = [TestAuthority.root(), TestAuthority.root('other')];

/** Resolves after a turn of the event loop, in which a closed connection would have been noticed. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test.each(['rest', 'grpc'] as const)(
  'a call that does not end is cut off fifteen minutes after its certificates were replaced, over %s',
  async (protocol) => {
    const { path, replace } = certificateFolder({ ca: root.certificate });
    const { chain, key } = root.issue();
    const arrived = Promise.withResolvers<void>();
    // Never answers.
    const server = createSecureServer({ allowHTTP1: true, cert: chain, key }, () => arrived.resolve());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());

    const clock = manualClock();
    const { settings } = await readTls('A_ENDPOINTS', { A_TLS_CA: path('ca') }, {}, Date.now());
    const tls = new UpstreamTls(settings, { clock, report: () => {} });
    const open = protocol === 'rest' ? restTransport : grpcTransport;
    // PINGs would notice that the clock jumps.
    const patient = { pingIntervalMs: 10 * 24 * 60 * MINUTE_MS };
    const transport = open({ clock, maxResponseBytes: 1_000, connectTimeoutMs: 10 * MINUTE_MS, tls, ...patient });
    onTestFinished(() => transport.close());
    const port = portOf(server);
    const sent =
      protocol === 'rest'
        ? transport.send(restCall({ endpoint: endpoint(`https://localhost:${port}`) }))
        : transport.send(callOf(endpoint(`grpcs://localhost:${port}`), 'reserve', {}, { deadline: 1e9 }));
    const failed = failureOf(sent);
    let isOver = false;
    void failed.finally(() => {
      isOver = true;
    });
    await arrived.promise;
    replace('ca', other.certificate);
    await vi.waitUntil(() => {
      clock.advance(100);
      return tls.snapshot()?.reloads === 1;
    }, LONG_WAIT);
    clock.advance(14 * MINUTE_MS);
    await nextTurn();
    expect(isOver).toBe(false);
    clock.advance(2 * MINUTE_MS);
    expect(await failed).toMatchObject({ status: null });
  },
);
