import type { Call } from '../call.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { mayBeRefusalPage, refusalPage } from '../tls/refusal-page.ts';
import type { ClientTls } from '../tls/upstream-tls.ts';
import { RawBody } from './answer/raw-body.ts';
import type { RawAnswer } from './exchange.ts';
import { handshakeError } from './transport-errors.ts';

/** Reads the body of an answer that is passed on, which is then as before for its reader. */
const readWhole = async (answer: RawAnswer, raw: RawBody): Promise<RawAnswer> => {
  await raw.ended;
  const body = raw.takeWhole();
  // The connection failed.
  if (body === null) return answer;
  const read = new RawBody(
    { ready: () => {}, complete: () => read.destroy(), left: () => read.destroy() },
    raw.cookies,
  );
  read.write(body);
  read.end();
  return { ...answer, body, raw: read };
};

/**
 * Returns the answer of an endpoint. Synchronous, except for an answer that may be a refusal and is passed on as a stream.
 *
 * @throws UpstreamError for an answer by which the server refuses the client certificate: no client may see it
 */
export const unlessRefused = (
  call: Call,
  endpoint: Endpoint,
  answer: RawAnswer,
  tls: ClientTls,
): RawAnswer | Promise<RawAnswer> => {
  if (!mayBeRefusalPage(endpoint, answer)) return answer;
  const check = (read: RawAnswer): RawAnswer => {
    const refusal = refusalPage(endpoint, read.body, tls);
    if (refusal !== null) throw handshakeError(call, refusal);
    return read;
  };
  return answer.raw === undefined ? check(answer) : readWhole(answer, answer.raw).then(check);
};
