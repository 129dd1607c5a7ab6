import type { ErrorCode } from '../../core/errors.ts';

// Apollo reports these as BAD_REQUEST.
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  405: 'METHOD_NOT_ALLOWED',
  413: 'REQUEST_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

interface AnswerWithErrors {
  readonly errors: readonly { readonly extensions?: Readonly<Record<string, unknown>> }[];
}

const hasErrors = (answer: unknown): answer is AnswerWithErrors =>
  typeof answer === 'object' && answer !== null && 'errors' in answer && Array.isArray(answer.errors);

/**
 * Adds the request id to every error of a GraphQL response, and the code that belongs to the HTTP status.
 *
 * Costs a text search for a complete response, and a parse for an incomplete one.
 */
export const completeErrors = (body: string, status: number, requestId: string): string => {
  // Apollo writes `errors` first.
  if (!body.startsWith('{"errors":')) return body;
  const code = CODE_OF_STATUS[status];
  if (code === undefined && body.includes(`"requestId":"${requestId}"`)) return body;
  const answer: unknown = JSON.parse(body);
  if (!hasErrors(answer)) return body;
  const errors = answer.errors.map((error) => ({
    ...error,
    extensions: { ...error.extensions, ...(code && { code }), requestId },
  }));
  return JSON.stringify({ ...answer, errors });
};
