import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { RejectedError } from '../listener/rejection.ts';
import { mayUseAmbient } from './own-pages.ts';

const OWN = 'https://shop.example';
const CUSTOM = { 'apollo-require-preflight': '1' };

const decision = (method: string, headers: Readonly<Record<string, string>>): boolean | number => {
  const request = Object.assign(new IncomingMessage(new Socket()), { method, headers });
  try {
    return mayUseAmbient(request, OWN);
  } catch (error) {
    if (error instanceof RejectedError) return error.rejection.status;
    throw error;
  }
};

const SOCKET = { upgrade: 'websocket' };

test.each([
  ['POST', { origin: OWN, ...CUSTOM }, true],
  ['POST', { origin: OWN, 'content-type': 'application/json' }, true],
  ['POST', { 'sec-fetch-site': 'same-origin', ...CUSTOM }, true],
  ['POST', { origin: OWN }, 403],
  ['POST', { origin: OWN, 'apollo-require-preflight': '' }, 403],
  ['POST', { origin: OWN, 'content-type': 'text/plain' }, 403],
  ['POST', { origin: OWN, 'content-type': 'multipart/form-data; boundary=x' }, 403],
  ['POST', { origin: 'https://sub.shop.example', ...CUSTOM }, 403],
  ['POST', { origin: 'null', ...CUSTOM }, 403],
  ['POST', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin', ...CUSTOM }, 403],
  ['POST', { 'sec-fetch-site': 'same-site', ...CUSTOM }, 403],
  ['POST', CUSTOM, 403],
  ['DELETE', { origin: OWN }, 403],
  ['GET', { 'sec-fetch-site': 'same-origin', ...CUSTOM }, true],
  ['GET', { origin: OWN, ...CUSTOM }, true],
  ['GET', { 'sec-fetch-site': 'same-origin' }, false],
  ['GET', { 'sec-fetch-site': 'none', ...CUSTOM }, false],
  ['GET', CUSTOM, false],
  ['HEAD', { origin: 'https://evil.example', ...CUSTOM }, false],
  ['GET', { ...SOCKET, origin: OWN }, true],
  ['GET', { ...SOCKET, origin: 'https://evil.example' }, 403],
  ['GET', { ...SOCKET, 'sec-fetch-site': 'same-origin', ...CUSTOM }, 403],
])('%s with %j may use the cookie of a session: %s', (method, headers, expected) => {
  expect(decision(method, headers)).toBe(expected);
});
