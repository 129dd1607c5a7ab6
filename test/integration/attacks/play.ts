import { expect } from 'vitest';
import { errorsOf } from '../../support/gateway/gateway.ts';
import { exchange } from '../../support/http/raw-http.ts';
import type { Attack, Back, Sent } from './attack.ts';
import { get, json } from './http.ts';
import type { Rig } from './rig.ts';

/** Internal details that no response may contain. */
const LEAK =
  /undici|ECONN|node_modules|stack|127\.0\.0\.1|localhost|http2|grpc|protobuf|zod|graphql-tools|\.ts\b|169\.254|Bearer/i;
const REQUEST_ID = /^[\w.:-]{1,128}$/;
/** Maximum length of a GET in bytes. Longer requests without a body are rejected for their length. */
const MAX_GET_LENGTH = 16_000;

type Document = Extract<Sent, { as: 'document' }>;
type Refused = Extract<Back, { is: 'refused' }>;

interface Heard {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly closed: boolean;
}

const hear = async ({ port }: Rig, bytes: string | Buffer): Promise<Heard> => {
  const { answer, closes } = await exchange(port, bytes);
  return { status: answer?.status, headers: answer?.headers ?? {}, text: answer?.body ?? '', closed: closes };
};

/** Requests that carry the document: two POSTs, and a GET if GET can carry it. */
const waysOf = ({ query, variables, extensions, headers = {} }: Document): readonly string[] => {
  const posted = json({ query, variables, extensions }, headers);
  const params = {
    query,
    ...(variables && { variables: JSON.stringify(variables) }),
    ...(extensions && { extensions: JSON.stringify(extensions) }),
  };
  const mayGet = query.isWellFormed() && !/^(mutation|subscription)/.test(query);
  const got = get(params, { 'apollo-require-preflight': 'yes', ...headers });
  return mayGet && got.length < MAX_GET_LENGTH ? [posted, posted, got] : [posted, posted];
};

const expectRefusal = (heard: Heard, { status, code, headers, closes }: Refused): void => {
  expect(heard).toMatchObject({ status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers } });
  const requestId = heard.headers['x-request-id'];
  expect(requestId).toMatch(REQUEST_ID);
  const { errors, ...rest } = JSON.parse(heard.text);
  expect(rest).toEqual({});
  expect(errors[0]).toMatchObject({ message: expect.stringMatching(/./), extensions: { code, requestId } });
  if (closes) expect(heard.closed).toBe(true);
};

const expectBytesRefused = (heard: Heard, back: Refused): void => {
  expectRefusal(heard, back);
  expect(JSON.parse(heard.text).errors).toHaveLength(1);
  expect(heard.text).not.toMatch(/stack|node_modules|<|fastify|FST_/i);
  expect(JSON.stringify(heard)).not.toMatch(/evil|worse/);
};

const expectDocumentRefused = (heard: Heard, back: Refused): void => {
  expectRefusal(heard, back);
  expect(JSON.parse(heard.text).errors.length).toBeLessThanOrEqual(back.mostErrors ?? 10);
  expect(heard.text).not.toMatch(/did you mean|call stack|node_modules/i);
  expect(heard.text.length).toBeLessThan(100_000);
};

const expectBack = (rig: Rig, heard: Heard, sent: Sent, back: Back): void => {
  switch (back.is) {
    case 'refused':
      (sent.as === 'document' ? expectDocumentRefused : expectBytesRefused)(heard, back);
      expect(rig.received).toEqual([]);
      return;
    case 'answered':
      expect([heard.status, JSON.parse(heard.text)]).toEqual([200, { data: back.data }]);
      back.upstream?.(rig.received);
      return;
    case 'failed': {
      const { data: _, ...rest } = JSON.parse(heard.text);
      expect([heard.status, errorsOf(rest).map((line) => line.trim())]).toEqual([200, back.errors]);
      expect(JSON.stringify(rest)).not.toMatch(LEAK);
      expect(rig.received).toEqual([]);
      return;
    }
    case 'as played':
      return;
    default:
      back satisfies never;
  }
};

const once = async (rig: Rig, bytes: string | Buffer, { sent, back }: Attack): Promise<void> => {
  rig.forget();
  expectBack(rig, await hear(rig, bytes), sent, back);
};

/** Sends the attack, checks the response, and checks that `Object.prototype` is unchanged. */
export const play = async (rig: Rig, attack: Attack): Promise<void> => {
  const { sent } = attack;
  switch (sent.as) {
    case 'bytes':
      await once(rig, sent.bytes, attack);
      break;
    case 'document':
      for (const bytes of waysOf(sent)) await once(rig, bytes, attack);
      break;
    case 'scenario':
      rig.forget();
      await sent.play(rig);
      break;
    default:
      sent satisfies never;
  }
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect('polluted' in {}).toBe(false);
};
