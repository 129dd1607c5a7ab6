import type { IncomingHttpHeaders } from 'node:http';
import type { BatchedOperation } from '../../exchange/batched-operation.ts';
import type { AnswerHeaders } from '../../exchange/exchange.ts';
import { mergeLimitHeaders } from '../../limits/limited-identification.ts';
import { contentTypeFor } from '../content-negotiation.ts';

/** The answer to one operation of a batch. */
export interface OperationAnswer {
  /** HTTP status that it would have as a request of its own. */
  readonly status: number;
  /** JSON text of its result. */
  readonly text: string;
  /** Headers that it would have, with names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** The answer to a batch of operations. */
export interface BatchAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** The common status of operations that are all refused with it; else 200. */
const statusOf = ([first, ...others]: readonly OperationAnswer[]): number =>
  first !== undefined && others.every(({ status }) => status === first.status) ? first.status : 200;

/** Units left of the limit in a header of a field's limit: `"Query.a";r=3;t=10`. */
const remainingOf = (header: string | undefined): number => {
  const found = header === undefined ? null : /;r=(\d+)/.exec(header);
  return found === null ? Number.POSITIVE_INFINITY : Number(found[1]);
};

/** Headers of operations that a batch combines or leaves out. */
const COMBINED: ReadonlySet<string> = new Set([
  ...['cache-control', 'age', 'content-type', 'vary', 'retry-after'],
  ...['ratelimit', 'ratelimit-policy', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'],
]);

/** Other headers, which only plugins set. The last operation with one decides, as in Apollo Server. */
const otherHeaders = (answers: readonly OperationAnswer[]): Record<string, string> =>
  Object.fromEntries(answers.flatMap(({ headers }) => [...headers].filter(([name]) => !COMBINED.has(name))));

/** Headers of the limit on fields with the fewest units left. */
const fieldLimitHeadersOf = (answers: readonly OperationAnswer[]): Record<string, string> => {
  // The headers of an operation that a limit of requests refused are about this limit.
  const limited = answers.filter(({ status, headers }) => status === 200 && headers.has('ratelimit'));
  const [first, ...others] = limited.map(({ headers }) => headers);
  if (first === undefined) return {};
  const tightest = others.reduce(
    (found, one) => (remainingOf(one.get('ratelimit')) < remainingOf(found.get('ratelimit')) ? one : found),
    first,
  );
  return Object.fromEntries([...tightest].filter(([name]) => name.startsWith('ratelimit')));
};

/** `Retry-After` of a batch that is refused as a whole: before the longest time not all of it would be admitted. */
const retryAfterOf = (answers: readonly OperationAnswer[]): Record<string, string> => {
  const seconds = answers.map(({ headers }) => Number(headers.get('retry-after') ?? 0));
  const longest = Math.max(...seconds);
  return longest > 0 ? { 'retry-after': String(longest) } : {};
};

/** Headers about the limits of a batch: of each rate, the state with the fewest remaining units. */
const limitHeadersOf = (batch: readonly BatchedOperation[]): AnswerHeaders => {
  const [first, ...others] = batch.flatMap(({ limits }) => (limits === null ? [] : [limits]));
  return first?.headers(others) ?? {};
};

/** Combines the answers to the operations of a batch: an array in their order. It is not cacheable. */
export const batchAnswer = (
  answers: readonly OperationAnswer[],
  batch: readonly BatchedOperation[],
  request: IncomingHttpHeaders,
): BatchAnswer => {
  const status = statusOf(answers);
  const ofFields = fieldLimitHeadersOf(answers);
  const ofRequest = limitHeadersOf(batch);
  mergeLimitHeaders(ofRequest, ofFields);
  const headers = {
    ...otherHeaders(answers),
    'cache-control': 'no-store',
    'content-type': contentTypeFor(request),
    ...ofRequest,
    ...ofFields,
    ...(status === 200 ? {} : retryAfterOf(answers)),
  };
  return { status, headers, body: `[${answers.map(({ text }) => text).join(',')}]` };
};
