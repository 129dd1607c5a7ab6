import { errorCodesOf } from '../backend/define/error-codes.ts';
import type { SchemaModule } from '../backend/define/module.ts';
import type {
  GraphqlUpstream,
  GrpcUpstream,
  RestUpstream,
  UpstreamDefinition,
} from '../backend/define/upstream-options.ts';
import { grpcServiceOf } from '../backend/grpc/grpc-service.ts';
import { serviceSchema } from '../backend/remote/service-schema.ts';
import { fieldNameOf } from '../backend/rest/rest-call.ts';
import { UpstreamError } from '../core/errors.ts';
import type { Answer, Call, Send } from '../upstream/call.ts';
import { mapErrorResponse, type ReportFault } from '../upstream/error-response/map-error-response.ts';
import { parseStatus, STATUS_CODES, statusError } from '../upstream/grpc/status.ts';
import { isNotModified } from '../upstream/rest/not-modified.ts';
import { problemError } from '../upstream/rest/problem-details.ts';
import { receivedBody } from './received-body.ts';
import { GRAPHQL, isReply, isStream, type Scripted, type ScriptedRequest, scriptedName } from './scripted.ts';
import { scriptedValue } from './scripted-answer.ts';
import { encodedDetails, scriptedError } from './scripted-error.ts';
import { type ServiceResolvers, scriptedService } from './scripted-service.ts';
import { type WireRequest, wireRequests } from './wire-request.ts';

/**
 * Encodes and decodes values as the real transport does, so that a script cannot use types that the network would
 * change.
 */
interface Codec {
  /** Decodes one message of a gRPC request. */
  message(call: Call, bytes: Uint8Array): unknown;
  request(call: Call, sent: WireRequest): unknown;
  answer(call: Call, value: unknown, headers: Answer['headers']): unknown;
  failure(call: Call, answer: Answer): UpstreamError;
}

const lost = (call: Call, error: Error): UpstreamError =>
  new UpstreamError('UPSTREAM_ERROR', call, error.message, { cause: error });

const json = (definition: RestUpstream | GraphqlUpstream, reportFault: ReportFault): Codec => ({
  message: () => undefined,
  request: (_call, { headers, bytes }) => receivedBody(headers['content-type'], bytes),
  answer: (call, value, headers) =>
    call.message.protocol === 'rest'
      ? scriptedValue(call, call.message, value, headers, (error) => lost(call, error))
      : undefined,
  failure: (call, answer) =>
    problemError(
      call,
      answer,
      errorCodesOf(definition),
      mapErrorResponse(definition.errors, reportFault),
      definition.protocol === 'rest' ? fieldNameOf(definition) : undefined,
    ),
});

const protobuf = (module: SchemaModule, definition: GrpcUpstream, reportFault: ReportFault): Codec => {
  const codes = { ...STATUS_CODES, ...errorCodesOf(definition) };
  const map = mapErrorResponse(definition.errors, reportFault);
  const { methods, streaming, encoder, decoder } = grpcServiceOf(module, definition);
  const typesOf = (call: Call) => {
    const found = [...methods, ...streaming].find(({ route }) => route === call.route);
    if (found === undefined) throw new Error(`${call.upstream}: ${definition.proto} has no method ${call.route}`);
    return found;
  };
  return {
    message: (call, bytes) => decoder.for(typesOf(call).request)(bytes),
    request: (call) =>
      call.message.protocol === 'grpc' && call.message.outgoing === undefined
        ? decoder.for(typesOf(call).request)(call.message.request)
        : undefined,
    answer: (call, value) => {
      const bytes = encoder.for(typesOf(call).response)(value);
      return call.message.protocol === 'grpc' ? call.message.decode(bytes) : undefined;
    },
    failure: (call, { status, headers, value }) => {
      const name = parseStatus(String(status));
      const { message, details } = scriptedError(value);
      const sent = details === undefined ? headers : { ...headers, 'grpc-status-details-bin': encodedDetails(details) };
      return statusError(call, name === 'OK' ? 'UNKNOWN' : name, message, sent, codes, map);
    },
  };
};

const messagesOf = async function* (call: Call, codec: Codec): AsyncGenerator<unknown> {
  const { message } = call;
  if (message.protocol !== 'grpc' || message.outgoing === undefined) return;
  for (let bytes = await message.outgoing.next(); bytes !== null; bytes = await message.outgoing.next())
    yield codec.message(call, bytes);
};

/** Reads the messages of a client-streaming call, as a server does before it answers. */
const readAll = async (messages: AsyncIterable<unknown>): Promise<void> => {
  for await (const _message of messages) {
    // Read only.
  }
};

const requestOf = async (call: Call, sent: WireRequest, codec: Codec): Promise<ScriptedRequest> => {
  const start = sent.url.indexOf('?');
  const end = start === -1 ? sent.url.length : start;
  return {
    ...sent,
    route: call.route,
    path: sent.url.slice(0, end),
    query: new URLSearchParams(sent.url.slice(end)),
    body: await codec.request(call, sent),
    messages: messagesOf(call, codec),
  };
};

const isGood = ({ message }: Call, status: number): boolean => {
  if (message.protocol === 'rest' && message.accepts !== undefined) return message.accepts(status);
  return message.protocol === 'rest' ? status >= 200 && status < 300 : status === 0;
};

const answerOf = (call: Call, value: unknown, codec: Codec): Answer => {
  if (value instanceof Error) throw lost(call, value);
  if (!isReply(value)) {
    const status = call.message.protocol === 'rest' ? 200 : 0;
    return { status, headers: {}, size: 0, value: codec.answer(call, value, {}) };
  }
  const { status, headers, body } = value;
  if (isNotModified(call, status)) return { status, headers, size: 0, value: undefined };
  const isFine = isGood(call, status);
  const replied: Answer = { status, headers, size: 0, value: isFine ? codec.answer(call, body, headers) : body };
  if (!isFine) throw codec.failure(call, replied);
  return replied;
};

/**
 * Returns the end of a stream that this element of a script stands for: an error, or null for OK; undefined for a
 * message.
 */
const endOf = (call: Call, part: unknown, codec: Codec): UpstreamError | null | undefined => {
  if (part instanceof Error) return lost(call, part);
  if (!isReply(part)) return undefined;
  const { status, headers, body } = part;
  return isGood(call, status) ? null : codec.failure(call, { status, headers, size: 0, value: body });
};

const isIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

const streamOf = (call: Call, parts: unknown, codec: Codec): Answer => {
  if (!Array.isArray(parts) && !isIterable(parts))
    throw new Error(`${call.upstream}: ${call.route}: the script of a stream must be a list of messages`);
  const given: readonly unknown[] | AsyncIterable<unknown> = parts;
  const refusal = Array.isArray(given) ? endOf(call, given[0], codec) : null;
  if (refusal instanceof UpstreamError) throw refusal;
  const messages = async function* () {
    try {
      for await (const part of given) {
        const end = endOf(call, part, codec);
        if (end === null) return;
        if (end !== undefined) throw end;
        yield codec.answer(call, part, {});
      }
    } finally {
      if (call.message.protocol === 'grpc') call.message.outgoing?.stop();
    }
  };
  return { status: 0, headers: {}, size: 0, value: messages(), ended: Promise.resolve() };
};

/** Executes the SDL of a GraphQL service with scripted resolvers. Any other answer is returned as it is. */
const serviceExecutor = (module: SchemaModule, definition: UpstreamDefinition) => {
  let executor: ReturnType<typeof scriptedService> | null = null;
  return async (answer: unknown, request: () => Promise<ScriptedRequest>): Promise<unknown> => {
    if (definition.protocol !== 'graphql' || isReply(answer) || answer instanceof Error) return answer;
    executor ??= scriptedService(serviceSchema(module, definition), answer as ServiceResolvers); // the script's type
    return executor((await request()).body);
  };
};

/**
 * Creates a transport with answers from a script. Faults of the upstream's `errors` are reported.
 *
 * @throws Error, made by `unexpected`, for a call that the script does not answer.
 */
export const scriptedSend = (
  script: Scripted,
  module: SchemaModule,
  definition: UpstreamDefinition,
  unexpected: (call: Call, script: Scripted) => Error,
  reportFault: ReportFault = () => {},
): Send => {
  const sentAs = wireRequests(definition);
  const codec =
    definition.protocol === 'grpc' ? protobuf(module, definition, reportFault) : json(definition, reportFault);
  const execute = serviceExecutor(module, definition);
  return async (call) => {
    const name = definition.protocol === 'graphql' ? GRAPHQL : scriptedName(call.route, call.message);
    if (!script.answers.has(name)) throw unexpected(call, script);
    const answer = script.answers.get(name);
    const sent = await sentAs(call);
    const request = () => requestOf(call, sent, codec);
    // A status or a lost connection ends the call before its messages are read.
    if (typeof answer !== 'function' && !isReply(answer) && !(answer instanceof Error))
      await readAll(messagesOf(call, codec));
    const value: unknown =
      typeof answer === 'function' ? await answer(await request()) : await execute(answer, request);
    if (isStream(call.message)) return streamOf(call, value, codec);
    if (call.message.protocol === 'grpc') call.message.outgoing?.stop();
    return answerOf(call, value, codec);
  };
};
