import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { selfSigned } from '../../../test/support/certificates/local-certificate.ts';
import { addressOf, callOf, endpointAt, INVENTORY_PROTO } from '../../../test/support/grpc/grpc-server.ts';
import { protobufjsType } from '../../../test/support/grpc/protobufjs.ts';
import { trusting } from '../../../test/support/upstream/upstream-tls.ts';
import { systemClock } from '../../core/clock.ts';
import { frame } from './frame.ts';
import { grpcTransport } from './transport.ts';

const { key, cert } = selfSigned();
const response = protobufjsType(INVENTORY_PROTO, 'inventory.v1.ReserveResponse');
const options = { clock: systemClock, maxResponseBytes: 1_000, connectTimeoutMs: 100_000 };

test('grpcs connects over TLS to a server with a trusted certificate only', async () => {
  const server = createSecureServer({ key, cert });
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(frame(response.encode({ reserved: true }).finish()));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const call = callOf(endpointAt(addressOf(server.address()).port, 'grpcs'), 'reserve', {});
  const trustful = grpcTransport({ ...options, tls: trusting(cert) });
  const wary = grpcTransport(options);
  expect(await trustful.send(call)).toMatchObject({ value: { reserved: true } });
  await expect(wary.send(call)).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    cause: { cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } },
  });
  await Promise.all([trustful.close(), wary.close()]);
  server.close();
});

test('a TLS server that does not negotiate HTTP/2 is rejected', async () => {
  const server = createServer({ key, cert }, (socket) => socket.on('error', () => {}));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const call = callOf(endpointAt(addressOf(server.address()).port, 'grpcs'), 'reserve', {});
  const transport = grpcTransport({ ...options, tls: trusting(cert) });
  await expect(transport.send(call)).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    cause: { cause: { message: expect.stringMatching(/ALPN/) } },
  });
  await transport.close();
  server.close();
});
