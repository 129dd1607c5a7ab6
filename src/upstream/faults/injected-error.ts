import type { ErrorCode } from '../../core/errors.ts';
import type { Call } from '../call.ts';
import { type FailedStatus, STATUS_CODES, statusError } from '../grpc/status.ts';
import { problemError } from '../rest/problem-details.ts';
import { transportError } from '../rest/transport-errors.ts';

/** Creates the error of an injected fault: the same as that of a backend with this status, or of a lost connection. */
export type InjectedError = (call: Call, abort: number | string) => Error;

const isStatusName = (abort: number | string): abort is FailedStatus => Object.hasOwn(STATUS_CODES, abort);

/** Errors with the codes that an upstream declares for statuses. */
export const injectedErrors =
  (codes: Readonly<Partial<Record<number | string, ErrorCode>>> = {}): InjectedError =>
  (call, abort) => {
    if (isStatusName(abort)) return statusError(call, abort, 'injected fault', {}, { ...STATUS_CODES, ...codes });
    if (typeof abort === 'number')
      return problemError(call, { status: abort, headers: {}, size: 0, value: undefined }, codes);
    const cause = Object.assign(new Error('injected fault'), { code: 'ECONNRESET' });
    return transportError(call, cause, { started: true, wasIdle: false, answered: false });
  };
