import type { Answer, Call, RestMessage, Send } from '../../../upstream/call.ts';
import { BodySourceError, BodyStream } from '../../../upstream/stream/body-stream.ts';

const sendStream = async (call: Call, body: BodyStream, send: Send): Promise<Answer> => {
  let ended: Promise<void> | undefined;
  try {
    const answer = await send(call);
    ended = answer.ended;
    return answer;
  } catch (error) {
    throw error instanceof BodySourceError ? error.cause : error;
  } finally {
    if (ended === undefined) body.release();
    else void ended.then(() => body.release());
  }
};

/**
 * Sends a call and frees the sources of a body that is a stream once the call has ended. A failure of a source is thrown
 * as the source threw it.
 */
export const sendOnce = (call: Call & { readonly message: RestMessage }, send: Send): Promise<Answer> =>
  call.message.body instanceof BodyStream ? sendStream(call, call.message.body, send) : send(call);
