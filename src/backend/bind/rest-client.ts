import type { Answer, Call, Send } from '../../upstream/call.ts';
import type { FullAnswer, GetCall, GetPageCall, HeadAnswer, HeadCall, Page, WriteCall } from '../define/rest-calls.ts';
import type { RestUpstream } from '../define/upstream-options.ts';
import type { RowMapping } from '../rows/row-mapping.ts';
import { answerReading, decodedAnswer } from './answer/answer-reading.ts';
import { locationOf } from './answer/location.ts';
import { nextPage } from './answer/next-page.ts';
import { validated } from './answer/validated.ts';
import { sendOnce } from './body/send-once.ts';
import type { BoundRequest } from './forwarding.ts';
import { clientSettings, type RestCallOptions, type RestMethod, restCalls } from './rest-call.ts';

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

const readValue = async (answer: Answer, call: Call, options: RestCallOptions, rows: RowMapping): Promise<unknown> => {
  const { codec, form } = answerReading(options);
  const decoded = codec === null ? answer.value : await decodedAnswer(codec, answer.value, call);
  const value = form === 'json' ? rows.read(decoded, call, options) : decoded;
  return options.response === undefined ? value : validated(options.response, value, call);
};

/** Creates the client of one upstream for one request. */
export const restClient = (definition: RestUpstream, request: BoundRequest, send: Send): RestClient => {
  const callOf = restCalls(definition, request);
  const { rows } = clientSettings(definition);

  const callFor = (method: RestMethod) => {
    // biome-ignore lint/suspicious/noExplicitAny: one body for every template and response; Get and Write type the outside.
    const call = async (template: string, options: any): Promise<any> => {
      const made = callOf(method, template, options, answerReading(options));
      return readValue(await sendOnce(made, send), made, options, rows);
    };
    // biome-ignore lint/suspicious/noExplicitAny: as above
    call.full = async (template: string, options: any): Promise<FullAnswer<any>> => {
      const made = callOf(method, template, options, answerReading(options));
      const answer = await sendOnce(made, send);
      const { status, headers } = answer;
      const location = locationOf(headers.location, made.message.target);
      return { value: await readValue(answer, made, options, rows), status, headers, location };
    };
    return call;
  };

  return {
    get: callFor('GET'),
    // biome-ignore lint/suspicious/noExplicitAny: as above
    getPage: async (template: string, options: any): Promise<Page<any>> => {
      const made = callOf('GET', template, options, answerReading(options));
      const answer = await sendOnce(made, send);
      return { value: await readValue(answer, made, options, rows), next: nextPage(answer.headers.link) };
    },
    head: async (template: string, options: RestCallOptions = NO_OPTIONS): Promise<HeadAnswer> => {
      const { status, headers } = await send(callOf('HEAD', template, options, STATUS_ONLY));
      return { status, headers };
    },
    post: callFor('POST'),
    put: callFor('PUT'),
    patch: callFor('PATCH'),
    delete: callFor('DELETE'),
  };
};
