import type { IncomingMessage, ServerResponse } from 'node:http';
import { Problem, type ProblemBody } from './problem.ts';

export const JSON_TYPE = 'application/json';
export const PROBLEM_TYPE = 'application/problem+json';

const MAX_BODY_BYTES = 1_048_576;

/**
 * Parsed JSON body; undefined for no body.
 *
 * @throws Problem 413 above 1 MiB, 400 for invalid JSON
 */
export const readJson = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Problem(413, 'The body is larger than 1 MiB', 'too-large');
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Problem(400, 'The body is not JSON', 'not-json');
  }
};

export const sendText = (
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { ...headers, 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
};

export const sendJson = (response: ServerResponse, status: number, body: unknown): void =>
  sendText(response, status, JSON_TYPE, JSON.stringify(body));

export const sendProblem = (response: ServerResponse, body: ProblemBody): void =>
  sendText(response, body.status, PROBLEM_TYPE, JSON.stringify(body));
