import { Client, credentials, status as grpcStatus, Metadata } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { UpstreamError } from '../../src/core/errors.ts';
import { GrpcStatusError, statusOfHttp } from '../../src/upstream/grpc/status.ts';
import { grpcTransport } from '../../src/upstream/grpc/transport.ts';
import { deadline } from '../../src/upstream/time-limit.ts';
import { commit, MAX_BYTES, MESSAGE, type Misdeed, randomMisdeed, WELL } from '../support/grpc/grpc-faulty.ts';
import { callOf, type RawServer, rawServer } from '../support/grpc/grpc-server.ts';
import { seeded } from '../support/random/seeded.ts';

const CASES = 300;
/** A fixed seed. GRPC_SEED=<number> makes other calls. */
const SEED = Number(process.env.GRPC_SEED ?? 1);
const AT_A_TIME = 12;
/** Deadline of a call that ends before it, even on a busy machine. */
const MAX_WAIT_MS = 200_000;
/** Deadline of a call that ends at it. */
const SILENCE_MS = 400;
/** HTTP_1_1_REQUIRED */
const HIGHEST_CODE = 13;

const decode = (bytes: Uint8Array): string => {
  if (!MESSAGE.equals(bytes)) throw new Error('no message');
  return 'decoded';
};

const timeoutMsOf = (misdeed: Misdeed): number => (misdeed.is === 'silence' ? SILENCE_MS : MAX_WAIT_MS);

/** grpc-js waits for the deadline after a second message. */
const referenceTimeoutMs = (misdeed: Misdeed): number =>
  misdeed.is === 'answer' && misdeed.body === 'two' && misdeed.trailers !== 'alone' ? SILENCE_MS : timeoutMsOf(misdeed);

/** Indexes of the calls to make before this one: only GOAWAY needs an earlier stream. */
const WELL_INDEX = -1;
const before = ({ is }: Misdeed): readonly number[] => (is === 'goaway' ? [WELL_INDEX] : []);

/** The status with which @grpc/grpc-js ends a call to this server. */
const theirs = async (server: RawServer, index: number, misdeed: Misdeed): Promise<string> => {
  const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': MAX_BYTES,
    'grpc.enable_retries': 0,
  });
  const send = (at: number): Promise<string> => {
    const metadata = new Metadata();
    metadata.set('x-case', String(at));
    const options = { deadline: Date.now() + referenceTimeoutMs(misdeed) };
    return new Promise((resolve) => {
      client.makeUnaryRequest(
        '/a.B/C',
        (value: Buffer) => value,
        decode,
        MESSAGE,
        metadata,
        options,
        (error) => resolve(error === null ? 'OK' : (grpcStatus[error.code] ?? String(error.code))),
      );
    });
  };
  for (const at of before(misdeed)) await send(at);
  const name = await send(index);
  client.close();
  return name;
};

/** gRPC status of an invalid response, by the message of our error. */
const BAD: readonly (readonly [RegExp, string])[] = [
  [/more than one message|without a message/, 'UNIMPLEMENTED'],
  [/trailers have no grpc-status|not gRPC/, 'UNKNOWN'],
  [/truncated|does not decode|compressed|answer has no grpc-status|without an answer/, 'INTERNAL'],
];

const nameOf = (error: UpstreamError): string => {
  if (error.cause instanceof GrpcStatusError) return error.cause.status;
  switch (error.code) {
    case 'SERVICE_UNAVAILABLE':
      return 'UNAVAILABLE';
    case 'UPSTREAM_ERROR':
      // No status: the connection was lost after the start of the response.
      return 'UNAVAILABLE';
    case 'TIMEOUT':
      return 'DEADLINE_EXCEEDED';
    case 'UPSTREAM_RESPONSE_TOO_LARGE':
      return 'RESOURCE_EXHAUSTED';
    default:
      return BAD.find(([reason]) => reason.test(error.reason))?.[1] ?? error.message;
  }
};

/** The status with which our client ends the same call. */
const ours = async (server: RawServer, index: number, misdeed: Misdeed): Promise<string> => {
  const transport = grpcTransport({ clock: systemClock, maxResponseBytes: MAX_BYTES, connectTimeoutMs: MAX_WAIT_MS });
  const send = (at: number) =>
    deadline(systemClock)(transport.send)(
      callOf(
        server.endpoint,
        'reserve',
        {},
        {
          headers: { 'x-case': String(at) },
          message: { protocol: 'grpc', path: '/a.B/C', request: MESSAGE, decode },
          deadline: systemClock.now() + timeoutMsOf(misdeed),
        },
      ),
    );
  try {
    for (const at of before(misdeed)) await send(at);
    await send(index);
    return 'OK';
  } catch (error) {
    return error instanceof UpstreamError ? nameOf(error) : String(error);
  } finally {
    void transport.close();
  }
};

/** A difference between the two clients, and its justification. */
interface Deviation {
  readonly why: string;
  /** Status of grpc-js; null if it depends on timing. */
  readonly theirs: string | null;
  readonly ours: string;
}

const STATUS = /^(\d|1[0-6])$/;

const toAnswer = (misdeed: Extract<Misdeed, { is: 'answer' }>): Deviation | null => {
  const { http, contentType, trailers, status, body } = misdeed;
  const isNamed = trailers === 'alone' || trailers === 'last';
  const said = isNamed ? (STATUS.test(status) ? grpcStatus[Number(status)] : 'UNKNOWN') : undefined;
  const byHttp = http === 200 ? undefined : statusOfHttp(http);
  if (trailers !== 'alone') {
    if (contentType === 'text/html')
      return { why: 'grpc-js ignores the content type', theirs: null, ours: byHttp ?? 'UNKNOWN' };
    if (body === 'two')
      return {
        why: 'grpc-js waits for its deadline, or reports the status',
        theirs: null,
        ours: byHttp ?? 'UNIMPLEMENTED',
      };
    if (body === 'compressed')
      return { why: 'grpc-js returns an error without a status', theirs: 'undefined', ours: byHttp ?? 'INTERNAL' };
    if (body === 'garbage' && said !== 'OK')
      return {
        why: 'grpc-js decodes the message of a call that failed, and hides the failure',
        theirs: 'INTERNAL',
        ours: said ?? byHttp ?? (trailers === 'none' ? 'INTERNAL' : 'UNKNOWN'),
      };
    if (body === 'cut' && said === 'OK')
      return { why: 'grpc-js treats a truncated message as a missing one', theirs: 'UNIMPLEMENTED', ours: 'INTERNAL' };
  }
  if (isNamed && !STATUS.test(status) && (trailers === 'alone' || body !== 'large'))
    return { why: 'grpc-js passes on an invalid status, or reads it as 0', theirs: null, ours: said ?? '' };
  return null;
};

const deviation = (misdeed: Misdeed): Deviation | null => {
  if (misdeed.is === 'answer') return toAnswer(misdeed);
  if (misdeed.is === 'goaway' && misdeed.code !== 0)
    return { why: 'grpc-js does not detect that the call was not processed', theirs: null, ours: 'UNAVAILABLE' };
  if (misdeed.is === 'reset' && misdeed.code > HIGHEST_CODE)
    return { why: 'an error code that HTTP/2 does not define', theirs: 'INTERNAL', ours: 'UNKNOWN' };
  return null;
};

test(`${CASES} calls to a faulty server end with the same status as with @grpc/grpc-js`, async () => {
  const random = seeded(SEED);
  const misdeeds = Array.from({ length: CASES }, () => randomMisdeed(random));
  await using server = await rawServer((stream, headers) => {
    commit(misdeeds[Number(headers['x-case'])] ?? WELL, stream);
  });
  const wrong: string[] = [];
  let deviating = 0;
  const compare = async (index: number, misdeed: Misdeed): Promise<void> => {
    const [their, our] = await Promise.all([theirs(server, index, misdeed), ours(server, index, misdeed)]);
    const expected = deviation(misdeed);
    if (expected !== null) deviating += 1;
    const fits = expected === null ? their === our : our === expected.ours && their === (expected.theirs ?? their);
    if (!fits) wrong.push(`${their} by grpc-js, ${our} by ours: ${JSON.stringify(misdeed)}`);
  };
  const left = misdeeds.entries();
  const worker = async () => {
    for (const [index, misdeed] of left) await compare(index, misdeed);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  expect(wrong, `GRPC_SEED=${SEED} repeats this`).toEqual([]);
  expect(deviating).toBeLessThan(CASES / 2);
});
