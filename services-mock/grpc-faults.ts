import { constants, type ServerHttp2Stream } from 'node:http2';
import { Metadata, type sendUnaryData } from '@grpc/grpc-js';
import type { AnswerFault } from './fault-schema.ts';
import { reshaped } from './faults.ts';
import { GrpcFailure } from './grpc-service.ts';
import type { Wire } from './grpc-wire.ts';

/** A unary call in progress. */
export interface Unary {
  readonly wire: Wire;
  /** A Buffer is sent as the encoded message. */
  readonly callback: sendUnaryData<unknown>;
  /** Runs the method, including its writes. May throw. */
  work(): object;
}

const GRPC_HEADERS = { ':status': 200, 'content-type': 'application/grpc+proto' };

/** Field 1, shorter than announced. */
const UNDECODABLE = Buffer.from([0x0a, 0x7f, 0x01]);

/** A prefix that announces 1,000 bytes. */
const CUT_MESSAGE = Buffer.concat([Buffer.from([0, 0, 0, 3, 0xe8]), Buffer.alloc(10)]);

export const sendFailure = ({ wire, callback }: Unary, error: unknown): void => {
  const code = error instanceof GrpcFailure ? error.code : 13;
  wire.call.answered(code);
  callback({ code, details: error instanceof Error ? error.message : String(error) });
};

export const sendMessage = ({ wire, callback }: Unary, message: unknown): void => {
  wire.call.answered(0);
  callback(null, message);
};

/** Answers with the result of `make`, or with the failure that it throws. */
export const sendResult = (unary: Unary, make: () => object): void => {
  let message: object;
  try {
    message = make();
  } catch (error) {
    sendFailure(unary, error);
    return;
  }
  sendMessage(unary, message);
};

/** Runs the method for an answer that is lost, ignoring its result. */
const workUnseen = ({ work }: Unary): void => {
  try {
    work();
  } catch {
    // The result is not sent.
  }
};

const sendStatus = ({ wire, callback }: Unary, fault: Extract<AnswerFault, { kind: 'status' }>): void => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(fault.headers ?? {})) metadata.set(name, value);
  wire.call.answered(fault.status);
  const details = typeof fault.body === 'string' ? fault.body : 'A fault was asked for';
  callback({ code: fault.status, details, metadata });
};

/** Resets this call's stream only; others on the connection go on. */
const reset = ({ stream, call }: Wire): void => {
  call.finished();
  stream.close(constants.NGHTTP2_INTERNAL_ERROR);
};

// In a later turn: HTTP/2 drops what a reset stream has not sent yet. With pending trailers: Node ends a stream before
// it resets it, and without trailers the client would see that end only.
const resetAfterHeaders = (wire: Wire): void => {
  wire.stream.respond(GRPC_HEADERS, { waitForTrailers: true });
  wire.stream.once('wantTrailers', () => {});
  setImmediate(reset, wire);
};

/** Status OK, so that only a client that checks the length notices. */
const cutMessage = ({ stream, call }: Wire): void => {
  call.answered(0);
  stream.respond(GRPC_HEADERS, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(CUT_MESSAGE);
};

const sendHtml = (stream: ServerHttp2Stream, call: Wire['call']): void => {
  call.finished();
  stream.respond({ ':status': 200, 'content-type': 'text/html; charset=utf-8' });
  stream.end('<!doctype html><title>Welcome</title><h1>It works!</h1>');
};

const reshapedLists = (kind: 'reorder' | 'shorten' | 'duplicate', message: object): object =>
  Object.fromEntries(
    Object.entries(message).map(([name, value]) => [name, Array.isArray(value) ? reshaped(kind, value) : value]),
  );

/** Answers as `fault` defines. The method runs for the same faults as in REST. */
export const answerWithGrpcFault = (unary: Unary, fault: AnswerFault): void => {
  const { stream, call } = unary.wire;
  switch (fault.kind) {
    case 'status':
      sendStatus(unary, fault);
      return;
    case 'answer':
      sendMessage(unary, fault.value);
      return;
    case 'garbage':
      sendMessage(unary, UNDECODABLE);
      return;
    case 'html':
      sendHtml(stream, call);
      return;
    case 'reset-before-headers':
      reset(unary.wire);
      return;
    case 'reset-after-headers':
      workUnseen(unary);
      resetAfterHeaders(unary.wire);
      return;
    case 'truncated-body':
      workUnseen(unary);
      cutMessage(unary.wire);
      return;
    case 'hang':
      return;
    case 'reorder':
    case 'shorten':
    case 'duplicate':
      sendResult(unary, () => reshapedLists(fault.kind, unary.work()));
      return;
  }
};
