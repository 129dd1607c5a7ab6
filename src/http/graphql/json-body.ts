import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { ClientGoneError } from '../../core/errors.ts';
import { InexactNumberError, parseExactly } from '../../core/exact-json.ts';
import { hasBody } from '../listener/lingering-close.ts';
import { badRequest, RejectedError, rejection, tooLarge } from '../listener/rejection.ts';
import { isJson } from './content-negotiation.ts';

const unsupported = (message: string, headers: Readonly<Record<string, string>>): RejectedError =>
  new RejectedError(rejection('UNSUPPORTED_MEDIA_TYPE', message, { headers }));

/**
 * Rejects a body before it is read unless it is uncompressed JSON in UTF-8, and any other Content-Type.
 *
 * @throws RejectedError 415
 */
export const requireJsonBody = (headers: IncomingHttpHeaders): void => {
  const type = headers['content-type'];
  if (type === undefined ? hasBody({ headers }) : !isJson(type)) {
    throw unsupported('Content-Type must be application/json with charset UTF-8.', { accept: 'application/json' });
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    throw unsupported('Compressed requests are not supported.', { 'accept-encoding': 'identity' });
  }
};

/** Parses JSON text of a client; `what` names it in messages. @throws RejectedError 400 */
export const parseJson = (what: string, text: string): unknown => {
  try {
    return parseExactly(text);
  } catch (error) {
    if (!(error instanceof InexactNumberError)) throw badRequest(`${what} is not valid JSON.`);
    throw badRequest(`${what} contains the number ${error.number}, which cannot be kept exactly. Send it as a string.`);
  }
};

/** Parses the bytes of a JSON body. @throws RejectedError 400 */
export const parseBody = (body: Buffer): unknown => {
  if (body.length === 0) throw badRequest('The body is empty.');
  if (!isUtf8(body)) throw badRequest('The body is not valid UTF-8.');
  return parseJson('The body', body.toString());
};

/**
 * Reads the body of a request. Rejects with a RejectedError 413 if it has more than `maxBytes`, at once if its length is
 * announced, and with a ClientGoneError if the client disconnects.
 */
export const receiveBody = (request: IncomingMessage, maxBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    if (Number(request.headers['content-length']) > maxBytes) {
      reject(new RejectedError(tooLarge(maxBytes)));
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    const stop = (): void => {
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      else {
        stop();
        reject(new RejectedError(tooLarge(maxBytes)));
      }
    };
    const onEnd = (): void => {
      stop();
      const [first = Buffer.alloc(0), second] = chunks;
      resolve(second === undefined ? first : Buffer.concat(chunks, length));
    };
    const onGone = (): void => {
      stop();
      reject(new ClientGoneError('The client closed its connection.'));
    };
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });

/** Makes JSON the only body that a listener reads. */
export const readJsonBodies = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    done(null, parseBody(body));
  });
};
