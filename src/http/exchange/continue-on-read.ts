import type { Readable } from 'node:stream';

/** The part of a response that this uses, over HTTP/1.1 and HTTP/2. */
interface InterimResponse {
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  writeContinue(): void;
}

/**
 * Sends `100 Continue` when the body of this request is read for the first time. Without it Node sends it in front of all
 * checks, and a client then sends a body that its headers already refuse (RFC 9110, 10.1.1).
 */
export const continueOnRead = (request: Readable, response: InterimResponse): void => {
  const read = request._read.bind(request);
  request._read = (size) => {
    request._read = read;
    // The rest of a refused request is read as well.
    if (!response.headersSent && !response.destroyed) response.writeContinue();
    read(size);
  };
};
