import { UpstreamError } from '../../../core/errors.ts';
import type { AnswerForm, Call } from '../../../upstream/call.ts';
import type { Codec } from '../body/codec.ts';

/** How the answer of a call is read. */
export interface AnswerReading {
  /** Form in which the transport reads it. */
  readonly form: AnswerForm;
  /** The `accept` of the call unless its headers have one; null for the transport's, `application/json`. */
  readonly accept: string | null;
  /** Decodes the text; null for none. */
  readonly codec: Codec | null;
}

const FORMS: Readonly<Record<AnswerForm, AnswerReading>> = {
  json: { form: 'json', accept: null, codec: null },
  text: { form: 'text', accept: 'text/*, */*;q=0.5', codec: null },
  bytes: { form: 'bytes', accept: '*/*', codec: null },
  stream: { form: 'stream', accept: '*/*', codec: null },
  none: { form: 'none', accept: '*/*', codec: null },
};

interface ReadingOptions {
  readonly as?: AnswerForm | Codec | undefined;
  readonly codec?: Codec | undefined;
}

/** @throws Error for an unknown form */
export const answerReading = ({ as, codec }: ReadingOptions): AnswerReading => {
  const how = as ?? codec ?? 'json';
  if (typeof how === 'object') return { form: 'text', accept: how.type, codec: how };
  if (!Object.hasOwn(FORMS, how))
    throw new Error(`as: ${JSON.stringify(how)} is unknown: use ${Object.keys(FORMS).join(', ')}, or a codec`);
  return FORMS[how];
};

/** Decodes the text of an answer. Empty text is undefined, as an empty JSON answer is. */
export const decodedAnswer = async ({ type, decode }: Codec, text: unknown, call: Call): Promise<unknown> => {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    return await decode(text);
  } catch (cause) {
    throw new UpstreamError('UPSTREAM_BAD_RESPONSE', call, `the answer is not ${type}`, { cause });
  }
};
