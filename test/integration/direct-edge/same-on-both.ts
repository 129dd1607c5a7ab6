import { expect } from 'vitest';
import type { RawConnection } from '../../support/http/raw-http.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';
import { type Edge, type EdgePair, TIMEOUT_MS } from './edge-pair.ts';
import type { RandomRequest } from './random-requests.ts';

/** Milliseconds after the deadline in which a result may still arrive, and one more. */
const AFTER_DEADLINE_MS = 26;

interface Play {
  readonly edge: Edge;
  readonly connection: RawConnection;
  readonly before: Edge['counts'];
}

const begun = async (edge: Edge): Promise<Play> => ({
  edge,
  connection: await edge.connect(),
  before: { ...edge.counts },
});

/** True if the response has arrived, or the connection is closed. */
const isAnswered = ({ connection }: Play): boolean => {
  if (connection.socket.destroyed) return true;
  const text = connection.received().replace(/^HTTP\/1.1 100 Continue\r\n\r\n/, '');
  const end = text.indexOf('\r\n\r\n');
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0);
  const closes = /\r\nconnection: close/i.test(text);
  return end !== -1 && !closes && text.length >= end + 4 + length;
};

/** True for a rejection that is sent before the request has arrived. */
const isRejected = ({ connection }: Play): boolean =>
  connection.socket.destroyed || /^HTTP\/1.1 [2-5]/m.test(connection.received());
const isAdmitted = ({ edge, before }: Play): boolean => edge.counts.admitted > before.admitted;
const hasEnded = ({ edge }: Play): boolean => edge.counts.ended === edge.counts.started;
const isSlow = ({ edge }: Play): boolean => edge.slow.length > 0;

const until = (plays: readonly Play[], is: (play: Play) => boolean): Promise<void> =>
  expect.poll(() => plays.every(is), { ...LONG_WAIT, interval: 1 }).toBe(true);

/** A response without its date. A request id that the gateway generates is random. */
const responseOf = ({ connection }: Play): readonly string[] =>
  connection
    .received()
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g, '<id>')
    .split('\r\n')
    .filter((line) => !/^date:/i.test(line));

const reportsOf = ({ edge }: Play): unknown =>
  JSON.parse(
    JSON.stringify(edge.reports()).replaceAll(/[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g, '<id>'),
  );

const end = async (plays: readonly Play[], { ending }: RandomRequest): Promise<void> => {
  for (const { edge, connection } of plays) {
    if (ending === 'answer') for (const answer of edge.slow) answer();
    else if (ending === 'deadline') {
      edge.clock.advance(TIMEOUT_MS);
      edge.clock.advance(AFTER_DEADLINE_MS);
    } else connection.socket.destroy();
  }
  await until(plays, (play) => isAnswered(play) && hasEnded(play));
};

/**
 * Sends the same bytes to both gateways, and compares responses, log lines, metrics and spans. Both clocks advance by the
 * same time.
 */
export const expectSame = async (pair: EdgePair, request: RandomRequest): Promise<void> => {
  const plays = [await begun(pair.direct), await begun(pair.long)];
  const { bytes, first, isCut } = request;
  for (const { connection } of plays) connection.send(bytes.subarray(0, first));
  if (first < bytes.length) {
    await until(plays, (play) => isAdmitted(play) || isRejected(play));
    // After a rejection, the gateway lets the client finish: a cut at that time has one of two outcomes.
    const isLeft = isCut && !plays.some(isRejected);
    for (const { connection } of plays) {
      if (isLeft) connection.socket.destroy();
      else if (!connection.socket.destroyed) connection.send(bytes.subarray(first));
    }
  }
  await until(plays, (play) => isSlow(play) || (isAnswered(play) && hasEnded(play)));
  if (plays.some(isSlow)) {
    await until(plays, isSlow);
    await end(plays, request);
  }
  const [direct, long] = plays.map((play) => ({ response: responseOf(play), reports: reportsOf(play) }));
  for (const { edge, connection } of plays) {
    edge.slow.length = 0;
    edge.clock.advance(1_000);
    connection.socket.destroy();
  }
  expect(direct).toEqual(long);
};
