import type { ClientHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';

/**
 * Cancels a stream at the server. Unsent data is discarded: with it, Node 26 blocks its event loop for ever after a
 * cancellation in a listener of the stream.
 */
export const cancelStream = (stream: ClientHttp2Stream): void => {
  stream.close(constants.NGHTTP2_CANCEL);
  if (!stream.writableFinished) stream.destroy();
};
