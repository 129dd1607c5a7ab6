import type { ServerResponse } from 'node:http';
import type { OpenCall } from './call-log.ts';
import type { AnswerFault } from './fault-schema.ts';
import { reshaped } from './faults.ts';
import { JSON_TYPE, PROBLEM_TYPE, sendJson, sendText } from './http-io.ts';
import { problemBody } from './problem.ts';
import type { Reply } from './rest-service.ts';

/** An exchange in progress. */
export interface Exchange {
  readonly response: ServerResponse;
  readonly call: OpenCall;
  /** Runs the handler, including its writes. */
  work(): Reply;
}

const HTML = '<!doctype html><title>Welcome</title><h1>It works!</h1>';

export const sendReply = ({ response, call }: Exchange, { status, body, headers }: Reply): void => {
  call.answered(status);
  sendText(response, status, status < 400 ? JSON_TYPE : PROBLEM_TYPE, JSON.stringify(body), headers);
};

const textReply = ({ response, call }: Exchange, type: string, text: string): void => {
  call.answered(200);
  sendText(response, 200, type, text);
};

const resetBeforeHeaders = ({ response, call }: Exchange): void => {
  call.finished();
  response.socket?.resetAndDestroy();
};

/**
 * Sends headers and `share` of the real body, then closes the connection. Closed, not reset: on some systems a reset
 * overtakes data sent before it.
 */
const cutAnswer = (exchange: Exchange, share: number): void => {
  const { response, call } = exchange;
  const reply = exchange.work();
  const bytes = Buffer.from(JSON.stringify(reply.body));
  call.answered(reply.status);
  call.finished();
  response.writeHead(reply.status, {
    ...reply.headers,
    'content-type': reply.status < 400 ? JSON_TYPE : PROBLEM_TYPE,
    'content-length': bytes.length,
  });
  response.flushHeaders();
  response.write(bytes.subarray(0, Math.floor(bytes.length * share)), () => response.socket?.destroy());
};

const reshapedReply = (kind: 'reorder' | 'shorten' | 'duplicate', reply: Reply): Reply =>
  Array.isArray(reply.body) ? { ...reply, body: reshaped(kind, reply.body) } : reply;

/**
 * Answers as `fault` defines. The handler has run for an answer that is lost on its way (reset-after-headers,
 * truncated-body), and not for any other fault that replaces the answer.
 */
export const answerWithFault = (exchange: Exchange, fault: AnswerFault): void => {
  switch (fault.kind) {
    case 'status': {
      const { status, body = problemBody(status, 'A fault was asked for'), headers = {} } = fault;
      sendReply(exchange, { status, body, headers });
      return;
    }
    case 'answer':
      exchange.call.answered(200);
      sendJson(exchange.response, 200, fault.value);
      return;
    case 'garbage':
      textReply(exchange, JSON_TYPE, '{"id": "c1", "name": \u0000<<');
      return;
    case 'html':
      textReply(exchange, 'text/html; charset=utf-8', HTML);
      return;
    case 'reset-before-headers':
      resetBeforeHeaders(exchange);
      return;
    case 'reset-after-headers':
      cutAnswer(exchange, 0);
      return;
    case 'truncated-body':
      cutAnswer(exchange, 0.5);
      return;
    case 'hang':
      return;
    case 'reorder':
    case 'shorten':
    case 'duplicate':
      sendReply(exchange, reshapedReply(fault.kind, exchange.work()));
      return;
  }
};
