import { once } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { certificateAuthenticator } from '../../../src/auth/certificates/certificate-authenticator.ts';
import { connectionCredential } from '../../../src/auth/certificates/connection-credential.ts';
import { signedIn } from '../../../src/testing/signed-in.ts';
import { trusting as trustingTokens } from '../../support/auth/authenticators.ts';
import { TestAuthority } from '../../support/certificates/test-authority.ts';
import { manualClock } from '../../support/clock/manual-clock.ts';
import { routedGateway } from '../../support/gateway/routed-gateway.ts';
import { listenerTls, secureSocket } from '../../support/http/tls-rig.ts';
import { closeOf, echoBackend, frame, webSocketOver } from '../../support/http/websocket.ts';
import { filesModule } from '../../support/modules/files-module.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';

const [root, other] = [TestAuthority.root('authority of clients'), TestAuthority.root('another authority')];
const authenticator = connectionCredential(
  trustingTokens((token) => signedIn({ subject: token })),
  certificateAuthenticator(() => Date.now()),
);

const verifying = async (...authorities: readonly string[]) => {
  const { tls, folder, close } = await listenerTls({ clients: { authorities, areRequired: true } });
  onTestFinished(close);
  const changes = () => tls.clients?.authorities.changes() ?? 0;
  /** Replaces the authorities. Resolves after the listener has read them. */
  const trust = async (...next: readonly string[]): Promise<void> => {
    const before = changes();
    folder.replace('clients.pem', next.join(''));
    await vi.waitUntil(() => changes() > before, LONG_WAIT);
  };
  return { tls, trust };
};

const connected = async (port: number, days?: readonly [number, number]) => {
  const { chain: cert, key } = root.issue({ commonName: 'billing', ...(days && { days }) });
  return secureSocket(port, { ALPNProtocols: ['http/1.1'], cert, key });
};

test('a removed authority ends uploads and WebSockets in order: with their response, and with a close frame', async () => {
  const { tls, trust } = await verifying(root.certificate, other.certificate);
  await using backend = await echoBackend();
  await using live = await routedGateway([filesModule], () => {}, { urls: [backend.url], config: { tls } });
  const uploads = (): Promise<Awaited<ReturnType<typeof routedGateway>>> =>
    routedGateway([filesModule], (request, response) => void request.resume().once('end', () => response.end('got')), {
      config: { tls },
    });
  await using files = await uploads();
  const client = await webSocketOver(await connected(live.port), '/live');
  client.socket.write(frame('a'));
  await client.frames(1);
  const upload = await connected(files.port);
  let answer = '';
  upload.on('data', (chunk: Buffer) => {
    answer += chunk.toString();
  });
  upload.write('POST /uploads HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhello');
  await vi.waitUntil(() => files.received.length === 1, LONG_WAIT);
  await trust(root.certificate);
  expect(closeOf(await client.ended())).toEqual({ code: 1001, reason: 'the certificate must be verified again' });
  const closed = once(upload, 'close');
  upload.write('hello');
  await closed;
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*connection: close[\s\S]*got/i);
});

test('an added authority ends no connection', async () => {
  const { tls, trust } = await verifying(root.certificate);
  await using backend = await echoBackend();
  await using gateway = await routedGateway([filesModule], () => {}, { urls: [backend.url], config: { tls } });
  const client = await webSocketOver(await connected(gateway.port), '/live');
  const idle = await connected(gateway.port);
  await trust(root.certificate, other.certificate);
  client.socket.write(frame('a'));
  expect((await client.frames(1)).map(({ payload }) => String(payload))).toEqual(['a']);
  idle.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n');
  const [answer] = (await once(idle, 'data')) as [Buffer];
  expect(answer.toString()).toContain('200 OK');
  for (const socket of [client.socket, idle]) socket.destroy();
});

test('a WebSocket of the holder of a certificate ends with 1008 when the certificate expires', async () => {
  const clock = manualClock();
  const { tls } = await verifying(root.certificate);
  await using backend = await echoBackend();
  const options = { clock, urls: [backend.url], config: { tls }, listener: { authenticator } };
  await using gateway = await routedGateway([filesModule], () => {}, options);
  const client = await webSocketOver(await connected(gateway.port, [-1, 50 / 86_400]), '/live/secured');
  expect(client.head).toContain(' 101 ');
  clock.advance(51_000);
  expect(closeOf(await client.ended())).toEqual({ code: 1008, reason: 'the client certificate has expired' });
});
