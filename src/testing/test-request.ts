import { GatewayError, PUBLIC_ERRORS } from '../core/errors.ts';
import type { PassThroughRoute } from '../graph/routes/pass-through-route.ts';
import type { FoundMatch, RouteMatch, Routes } from '../graph/routes/routes.ts';
import type { Principal, RequestContext } from '../request/request-context.ts';
import type { RestMessage } from '../upstream/call.ts';
import { RawBody } from '../upstream/rest/answer/raw-body.ts';
import { BodyStream } from '../upstream/stream/body-stream.ts';

/** A request to a pass-through route. */
export interface TestRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: no body. */
  readonly body?: string | Uint8Array;
  /** Replaces that of the options. */
  readonly principal?: Principal;
  /** Host of the request, for `when`. Default `gateway.invalid`. */
  readonly host?: string;
}

/** The answer of a route. A refusal has the status and the code that a client receives. */
export interface TestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text. */
  readonly text: string;
  readonly bytes: Uint8Array;
  /** The code of a refusal; null for an answer of the backend. */
  readonly code: string | null;
}

const refusal = (code: keyof typeof PUBLIC_ERRORS): TestResponse => {
  const text = JSON.stringify({ code });
  return { status: PUBLIC_ERRORS[code].status, headers: {}, text, bytes: Buffer.from(text), code };
};

const refusalOf = (match: Exclude<RouteMatch, FoundMatch>): TestResponse => {
  switch (match.is) {
    case 'none':
      return refusal('NOT_FOUND');
    case 'invalid':
      return refusal('BAD_REQUEST');
    case 'other-method':
      return refusal('METHOD_NOT_ALLOWED');
    case 'other-type':
      return refusal('UNSUPPORTED_MEDIA_TYPE');
    default:
      return match satisfies never;
  }
};

const bytesOf = (body: RawBody): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    body.pipe({
      write: (chunk) => chunks.push(chunk) > 0,
      end: () => resolve(Buffer.concat(chunks)),
      fail: reject,
    });
  });

const streamOf = (body: string | Uint8Array): BodyStream =>
  new BodyStream({
    name: 'a request',
    chunks: (async function* () {
      yield Buffer.from(body);
    })(),
    maxBytes: Number.POSITIVE_INFINITY,
    release: () => {},
  });

const send = async (
  route: PassThroughRoute,
  { variables, query }: FoundMatch,
  method: RestMessage['method'],
  { headers = {}, body }: TestRequest,
  context: RequestContext,
): Promise<TestResponse> => {
  const refused = await route.authorize(context, variables);
  if (refused !== null) throw refused;
  const counted = await route.count(context);
  if (counted?.isAdmitted === false) throw new GatewayError('RATE_LIMITED', 'Rate limit of this route exceeded.');
  const passed = { method, variables, query, headers, length: null, body: body === undefined ? null : streamOf(body) };
  const { status, headers: received, value } = await route.send(route.callFor(passed, context));
  const bytes = value instanceof RawBody ? await bytesOf(value) : Buffer.alloc(0);
  const cookies = route.passesCookies ? received['set-cookie'] : undefined;
  const answered = { ...route.answerHeaders(received), ...(cookies !== undefined && { 'set-cookie': cookies }) };
  return { status, headers: answered, text: String(bytes), bytes, code: null };
};

/** Sends a request to a route as the public listener does, without the network. */
export const requestRoute = async (
  routes: Routes,
  method: RestMessage['method'],
  url: string,
  request: TestRequest,
  context: RequestContext,
): Promise<TestResponse> => {
  const { headers = {}, host = 'gateway.invalid' } = request;
  const match = routes.match({ method, url, headers, host });
  if (match.is !== 'found') return refusalOf(match);
  try {
    return await send(match.route, match, method, request, context);
  } catch (error) {
    if (error instanceof GatewayError) return refusal(error.code);
    throw error;
  }
};
