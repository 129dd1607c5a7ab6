import type { GraphQLResult } from '../../graph/gateway-port.ts';
import { tooLongMessage } from '../../graph/limits/response-size.ts';
import { refusedResult } from '../../graph/refused-result.ts';

/** The JSON text of a result. */
export const responseText = ({ errors, data, extensions }: GraphQLResult): string =>
  JSON.stringify({ errors, data, extensions });

/** Bytes of a character in UTF-8, at most. A surrogate pair has two characters and four bytes. */
const MAX_BYTES_PER_CHARACTER = 3;

/** True if a text has more bytes in UTF-8. Only a text near the maximum is measured. */
export const isLongerThan = (text: string, maxBytes: number): boolean =>
  text.length * MAX_BYTES_PER_CHARACTER > maxBytes && Buffer.byteLength(text) > maxBytes;

/** The result in place of one with a text that is too long: it was executed, but nothing of it is sent. */
export const tooLongResult = ({ headers }: GraphQLResult, maxBytes: number, requestId: string): GraphQLResult => {
  const own = new Map([...headers, ['cache-control', 'no-store']]);
  own.delete('age');
  return {
    ...refusedResult('COST_LIMIT', tooLongMessage(maxBytes), requestId),
    data: null,
    status: undefined,
    headers: own,
  };
};
