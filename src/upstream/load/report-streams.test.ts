import { Server, ServerCredentials, ServerMetricRecorder } from '@grpc/grpc-js';
import { expect, onTestFinished, test, vi } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { endpointAt, inventoryServer, rawServer } from '../../../test/support/grpc/grpc-server.ts';
import { openTransport } from '../../../test/support/grpc/grpc-transport.ts';
import { LONG_WAIT } from '../../../test/support/processes/long-wait.ts';
import { heldCircuits } from '../../../test/support/upstream/balanced.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { memberWith } from '../endpoints/member.ts';
import { peakEwma } from '../endpoints/peak-ewma.ts';
import { frame } from '../grpc/frame.ts';
import type { LoadReport } from './load-report.ts';
import { encodeReport } from './orca-report.ts';
import { ReportStreams } from './report-streams.ts';

/** Streams over a real transport, with a clock that only the test advances. */
const opened = (endpoints: readonly Endpoint[], intervalMs = 10_000) => {
  const clock = manualClock();
  const transport = openTransport();
  const taken: LoadReport[] = [];
  const streams = new ReportStreams({
    intervalMs,
    send: transport.send,
    weights: { take: (_, report) => void taken.push(report) },
    dependencies: { clock, random: () => 0.5 },
  });
  onTestFinished(async () => {
    streams.stop();
    await transport.close();
  });
  const members = endpoints.map((endpoint) => memberWith(peakEwma, heldCircuits)(endpoint, null));
  return { clock, transport, streams, taken, members };
};

test('reports of gRPC’s own OpenRcaService arrive without a call', async () => {
  const server = new Server();
  const recorder = new ServerMetricRecorder();
  recorder.setCpuUtilizationMetric(0.25);
  recorder.setQpsMetric(40);
  recorder.setEpsMetric(1);
  recorder.addToServer(server);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, at) =>
      error === null ? resolve(at) : reject(error),
    ),
  );
  onTestFinished(() => server.forceShutdown());
  const { streams, taken, members } = opened([endpointAt(port)], 100);
  streams.follow(members);
  await vi.waitFor(() => expect(taken.length).toBeGreaterThan(0), LONG_WAIT);
  expect(taken[0]).toMatchObject({ utilization: 0.25, qps: 40, eps: 1 });
});

/** A server that sends one report on each stream, and keeps or ends it. */
const reporting = async (ends: boolean) => {
  let streams = 0;
  let open = 0;
  const server = await rawServer((stream) => {
    streams += 1;
    open += 1;
    stream.on('error', () => {});
    stream.on('close', () => {
      open -= 1;
    });
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.write(frame(encodeReport({ cpu_utilization: 0.5, rps_fractional: 10 })));
    if (ends) stream.end();
  });
  onTestFinished(() => server.stop());
  return { server, streams: () => streams, open: () => open };
};

test('a stream that ends is opened again after a wait', async () => {
  const { server, streams } = await reporting(true);
  const { streams: followed, taken, members, clock } = opened([server.endpoint]);
  followed.follow(members);
  await vi.waitFor(() => expect(taken).toHaveLength(1), LONG_WAIT);
  await vi.waitFor(() => {
    if (streams() < 2) clock.advance(500);
    expect(taken).toHaveLength(2);
  }, LONG_WAIT);
});

test('a stream without a report for three intervals is ended', async () => {
  const { server, open } = await reporting(false);
  const { streams, taken, members, clock } = opened([server.endpoint]);
  streams.follow(members);
  await vi.waitFor(() => expect(taken).toHaveLength(1), LONG_WAIT);
  clock.advance(29_999);
  expect(open()).toBe(1);
  clock.advance(1);
  await vi.waitFor(() => expect(open()).toBe(0), LONG_WAIT);
});

test('an endpoint that leaves the list has its stream ended, so that its connections can close', async () => {
  const { server, open } = await reporting(false);
  const { streams, taken, members, transport } = opened([server.endpoint]);
  streams.follow(members);
  await vi.waitFor(() => expect(taken).toHaveLength(1), LONG_WAIT);
  streams.follow([]);
  await transport.release(server.endpoint);
  await vi.waitFor(() => expect(open()).toBe(0), LONG_WAIT);
});

test('a server without the service receives one request for reports', async () => {
  const server = await inventoryServer({});
  onTestFinished(() => server.stop());
  const { streams, taken, members, clock } = opened([server.endpoint]);
  streams.follow(members);
  await vi.waitFor(() => expect(clock.pending).toBe(0), LONG_WAIT);
  expect(taken).toEqual([]);
});
