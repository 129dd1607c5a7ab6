import { type ErrorCode, PUBLIC_ERRORS } from '../core/errors.ts';
import type { GraphQLResult } from './gateway-port.ts';

/** The result of a request that was not executed. The public message of the code, if it has one, replaces `message`. */
export const refusedResult = (code: ErrorCode, message: string, requestId: string): GraphQLResult => {
  const known = PUBLIC_ERRORS[code];
  const errors = [{ message: known.message ?? message, extensions: { code, requestId } }];
  return { errors, status: known.status, headers: new Map() };
};
