import { type ErrorCode, PUBLIC_ERRORS } from '../../core/errors.ts';
import { STATUS_CODES } from '../../upstream/grpc/status.ts';
import { type Fix, nameFix, option } from '../../upstream/option-kinds.ts';

/* Checks of the options of rest(), grpc() and graphql(). Each returns what to write instead, null for a valid value. */

const isStatus = (value: unknown, least: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 599;

/** An HTTP status of a failure. */
export const httpStatusFix: Fix = (value) => (isStatus(value, 300) ? null : 'use HTTP statuses from 300 to 599');

export const grpcStatusFix = nameFix(Object.keys(STATUS_CODES), 'use names of gRPC statuses, as in UNAVAILABLE');
const errorCodeFix = nameFix(Object.keys(PUBLIC_ERRORS), 'use the codes of docs/errors.md');

export const codesBy = <Status extends string | number>(status: (written: string) => string | null) =>
  option<Readonly<Partial<Record<Status, ErrorCode>>>>((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return 'use an object with a code for each status';
    return Object.entries(value).reduce<string | null>(
      (found, [written, code]) => found ?? status(written) ?? errorCodeFix(code),
      null,
    );
  });

export const methodPatternFix: Fix = (value) =>
  typeof value === 'string' && /^[A-Za-z_*][\w*]*$/.test(value)
    ? null
    : 'use names of methods as in the .proto, as in GetBook or Get*';

export const functionFix: Fix = (value) =>
  typeof value === 'function'
    ? null
    : 'use a function, as in errors: ({ status }) => undefined, or a preset of errorFormats';

export const pathFix: Fix = (value) =>
  typeof value === 'string' && /^\/[\x21\x22\x24-\x7e]*$/.test(value)
    ? null
    : 'use a path that begins with /, as in /healthz';

export const expectStatusFix: Fix = (value) => {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  const right = all.length > 0 && all.every((status) => isStatus(status, 200));
  return right ? null : 'use HTTP statuses from 200 to 599';
};

const NAME = /^[_A-Za-z]\w*$/;
const isName = (value: unknown): boolean => typeof value === 'string' && NAME.test(value);
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const hooksFix: Fix = (value) =>
  isRecord(value) &&
  Object.entries(value).every(
    ([name, hook]) => (name === 'request' || name === 'response') && (hook === undefined || typeof hook === 'function'),
  )
    ? null
    : 'use an object with functions: { request: (call) => ({}), response: ({ value }) => value }';

const isServiceType = (value: unknown): boolean =>
  isRecord(value) &&
  Object.entries(value).every(([name, given]) => {
    if (name === 'from') return isName(given);
    if (!isRecord(given)) return false;
    const values = Object.values(given);
    if (name === 'fields') return values.every(isName);
    return name === 'reads' && values.every((read) => Array.isArray(read) && read.every(isName));
  });

export const serviceTypesFix: Fix = (value) =>
  isRecord(value) && Object.values(value).every(isServiceType)
    ? null
    : "use names of the service by type, as in { Review: { from: 'Comment', fields: { stars: 'rating' } } }";
