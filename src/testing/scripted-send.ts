import { dirname, resolve } from 'node:path';
import type { SchemaModule } from '../backend/module.ts';
import type { UpstreamDefinition } from '../backend/upstreams.ts';
import { UpstreamError } from '../errors.ts';
import type { Answer, Call, Send } from '../upstream/call.ts';
import { Encoder } from '../upstream/grpc/encode.ts';
import { loadProto } from '../upstream/grpc/proto.ts';
import { parseStatus, statusError } from '../upstream/grpc/status.ts';
import { problemError } from '../upstream/rest/problem.ts';
import { isReply, type Scripted, type ScriptedRequest, scriptedName } from './scripted.ts';

/** How values cross the wire that is not there: as the real one would carry them, so that a script cannot lie about types. */
interface Codec {
  request(call: Call): unknown;
  answer(call: Call, value: unknown): unknown;
}

const json: Codec = {
  request: ({ message }) =>
    message.protocol === 'rest' && message.body !== null ? JSON.parse(message.body) : undefined,
  answer: (_call, value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value))),
};

const protobuf = (module: SchemaModule, proto: string, serviceName: string): Codec => {
  const { root } = loadProto(resolve(dirname(module.typeDefs.file), proto));
  const service = root.lookupService(serviceName);
  const encoder = new Encoder();
  const typesOf = (call: Call) => {
    const method = service.methods[scriptedName(call.route, call.message)];
    method?.resolve();
    if (!method?.resolvedRequestType || !method.resolvedResponseType)
      throw new Error(`${call.route} is not in ${proto}`);
    return { request: method.resolvedRequestType, response: method.resolvedResponseType };
  };
  return {
    request: (call) => {
      if (call.message.protocol !== 'grpc') return undefined;
      const { request } = typesOf(call);
      return request.toObject(request.decode(call.message.request), { defaults: true, enums: String, longs: String });
    },
    answer: (call, value) => {
      const bytes = encoder.for(typesOf(call).response)(value);
      return call.message.protocol === 'grpc' ? call.message.decode(bytes) : undefined;
    },
  };
};

const asked = (call: Call, codec: Codec): ScriptedRequest => {
  const target = call.message.protocol === 'rest' ? call.message.target : call.message.path;
  const [path = '', query = ''] = target.split('?', 2);
  return {
    route: call.route,
    path,
    query: new URLSearchParams(query),
    headers: call.headers,
    body: codec.request(call),
  };
};

const failure = (call: Call, answer: Answer): UpstreamError => {
  if (call.message.protocol === 'rest') return problemError(call, answer);
  const status = parseStatus(String(answer.status));
  return statusError(call, status === 'OK' ? 'UNKNOWN' : status, 'as scripted', answer.headers);
};

/**
 * A wire of which every answer is written in the test.
 *
 * @throws Error, through `unexpected`, for a call that the script does not answer.
 */
export const scriptedSend = (
  script: Scripted,
  module: SchemaModule,
  definition: UpstreamDefinition,
  unexpected: (call: Call, script: Scripted) => Error,
): Send => {
  const codec = definition.protocol === 'rest' ? json : protobuf(module, definition.proto, definition.service);
  return async (call) => {
    const name = scriptedName(call.route, call.message);
    if (!script.answers.has(name)) throw unexpected(call, script);
    const answer = script.answers.get(name);
    const value: unknown = typeof answer === 'function' ? await answer(asked(call, codec)) : answer;
    if (value instanceof Error) throw new UpstreamError('UPSTREAM_ERROR', call, value.message, { cause: value });
    if (!isReply(value))
      return {
        status: call.message.protocol === 'rest' ? 200 : 0,
        headers: {},
        size: 0,
        value: codec.answer(call, value),
      };
    const { status, headers, body } = value;
    const good = call.message.protocol === 'rest' ? status >= 200 && status < 300 : status === 0;
    const replied: Answer = { status, headers, size: 0, value: good ? codec.answer(call, body) : body };
    if (!good) throw failure(call, replied);
    return replied;
  };
};
