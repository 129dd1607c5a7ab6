import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { InexactNumberError, parseExactly } from '../../core/exact-json.ts';
import { hasBody } from '../listener/lingering-close.ts';
import { badRequest, RejectedError, rejection } from '../listener/rejection.ts';
import { isJson } from './content-negotiation.ts';

const unsupported = (message: string, headers: Readonly<Record<string, string>>): RejectedError =>
  new RejectedError(rejection('UNSUPPORTED_MEDIA_TYPE', message, { headers }));

/**
 * Rejects a body before it is read unless it is uncompressed JSON in UTF-8, and any other Content-Type.
 *
 * @throws RejectedError 415
 */
export const requireJsonBody: onRequestHookHandler = (request, _reply, done) => {
  const type = request.headers['content-type'];
  if (type === undefined ? hasBody(request) : !isJson(type)) {
    throw unsupported('Content-Type must be application/json with charset UTF-8.', { accept: 'application/json' });
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    throw unsupported('Compressed requests are not supported.', { 'accept-encoding': 'identity' });
  }
  done();
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

const parseBody = (body: Buffer): unknown => {
  if (body.length === 0) throw badRequest('The body is empty.');
  if (!isUtf8(body)) throw badRequest('The body is not valid UTF-8.');
  return parseJson('The body', body.toString());
};

declare module 'fastify' {
  interface FastifyRequest {
    /** Length of the body that was read, in bytes. */
    bodyBytes?: number;
  }
}

/** Makes JSON the only body that a listener reads. */
export const readJsonBodies = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    request.bodyBytes = body.length;
    done(null, parseBody(body));
  });
};
