import type { Answer, Call, Send } from '../../upstream/call.ts';
import { conditional, isNotModified } from '../../upstream/rest/not-modified.ts';
import type { BoundRequest } from '../bind/bind-request.ts';
import type { RestUpstream } from '../define/upstream-options.ts';
import type { RowMapping } from '../rows/row-mapping.ts';
import { answerReading, decodedAnswer } from './answer/answer-reading.ts';
import { locationOf } from './answer/location.ts';
import { nextPage } from './answer/next-page.ts';
import { validated } from './answer/validated.ts';
import { sendOnce } from './body/send-once.ts';
import { clientSettings, type MakeRestCall, type RestCallOptions, type RestMethod, restCalls } from './rest-call.ts';
import type { FullAnswer, GetCall, GetPageCall, HeadAnswer, HeadCall, WriteCall } from './rest-calls.ts';

/**
 * A REST upstream, bound to one request with its deadline, cancellation, identity and trace.
 *
 * `{name}` in a template takes one encoded segment from `path`; a query in a template precedes that of `query`. Rejects
 * with an `UpstreamError`; an uncaught 404 makes a nullable field null.
 */
export interface RestClient {
  readonly get: GetCall;
  /** `get` for lists that link to the next page in a Link header. */
  readonly getPage: GetPageCall;
  /** Returns status and headers. */
  readonly head: HeadCall;
  readonly post: WriteCall;
  readonly put: WriteCall;
  readonly patch: WriteCall;
  readonly delete: WriteCall;
}

const NO_OPTIONS: RestCallOptions = {};
const STATUS_ONLY = answerReading({ as: 'none' });

/** Returns the value of an answer; a promise of it if its codec or its validator returns one. */
const readValue = (answer: Answer, call: Call, options: RestCallOptions, rows: RowMapping): unknown => {
  const { codec, form } = answerReading(options);
  const { response } = options;
  const read = (decoded: unknown): unknown => {
    const value = form === 'json' ? rows.read(decoded, call, options) : decoded;
    return response === undefined ? value : validated(response, value, call);
  };
  return codec === null ? read(answer.value) : decodedAnswer(codec, answer.value, call).then(read);
};

/** A call with its `full`. */
// biome-ignore lint/suspicious/noExplicitAny: one body for every template and response; Get and Write type the outside.
type AnyCall = any;

/** The client of one upstream for one request. A method is made when it is used: most requests use one or two. */
class BoundRestClient implements RestClient {
  readonly #callOf: MakeRestCall;
  readonly #rows: RowMapping;
  readonly #send: Send;

  constructor(definition: RestUpstream, request: BoundRequest, send: Send) {
    this.#callOf = restCalls(definition, request);
    this.#rows = clientSettings(definition).rows;
    this.#send = send;
  }

  get get(): GetCall {
    return this.#callFor('GET');
  }

  get getPage(): GetPageCall {
    return async (template: string, options: AnyCall): Promise<AnyCall> => {
      const call = this.#made('GET', template, options);
      const answer = await sendOnce(call, this.#send);
      return { value: await readValue(answer, call, options, this.#rows), next: nextPage(answer.headers.link) };
    };
  }

  get head(): HeadCall {
    return async (template: string, options: RestCallOptions = NO_OPTIONS): Promise<HeadAnswer> => {
      const call = this.#callOf('HEAD', template, options, STATUS_ONLY);
      const { status, headers } = await this.#send(conditional(call, options.headers));
      return { status, headers };
    };
  }

  get post(): WriteCall {
    return this.#callFor('POST');
  }

  get put(): WriteCall {
    return this.#callFor('PUT');
  }

  get patch(): WriteCall {
    return this.#callFor('PATCH');
  }

  get delete(): WriteCall {
    return this.#callFor('DELETE');
  }

  #made(method: RestMethod, template: string, options: RestCallOptions) {
    return this.#callOf(method, template, options, answerReading(options));
  }

  #callFor(method: RestMethod): AnyCall {
    const call = async (template: string, options: AnyCall): Promise<unknown> => {
      const made = this.#made(method, template, options);
      return readValue(await sendOnce(made, this.#send), made, options, this.#rows);
    };
    call.full = async (template: string, options: AnyCall): Promise<FullAnswer<unknown>> => {
      const plain = this.#made(method, template, options);
      const made = method === 'GET' ? conditional(plain, options.headers) : plain;
      const answer = await sendOnce(made, this.#send);
      const { status, headers } = answer;
      const location = locationOf(headers.location, made.message.target);
      const value = isNotModified(made, status) ? undefined : await readValue(answer, made, options, this.#rows);
      return { value, status, headers, location };
    };
    return call;
  }
}

/** Creates the client of one upstream for one request. */
export const restClient = (definition: RestUpstream, request: BoundRequest, send: Send): RestClient =>
  new BoundRestClient(definition, request, send);
