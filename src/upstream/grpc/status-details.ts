import type { RpcDetail } from './rpc-details.ts';

export interface FieldViolation {
  readonly field: string;
  readonly message: string;
}

/** Details of a status that the gateway uses. */
export interface StatusDetails {
  /** Violations of BadRequest, by field. */
  readonly violations?: readonly FieldViolation[];
  /** Reason of ErrorInfo, in capitals. */
  readonly problem?: string;
  /** Delay of RetryInfo, in milliseconds. */
  readonly retryDelayMs?: number;
}

const MAX_VIOLATIONS = 50;
const MAX_TEXT_LENGTH = 500;
/** Pattern of `ErrorInfo.reason`, from its definition. */
const REASON = /^[A-Z][A-Z0-9_]{0,62}$/;

const read = (detail: RpcDetail): StatusDetails => {
  switch (detail['@type']) {
    case 'type.googleapis.com/google.rpc.BadRequest': {
      const violations = detail.fieldViolations.slice(0, MAX_VIOLATIONS).map(({ field, description }) => ({
        field: field.slice(0, MAX_TEXT_LENGTH),
        message: description.slice(0, MAX_TEXT_LENGTH),
      }));
      return { violations };
    }
    case 'type.googleapis.com/google.rpc.ErrorInfo':
      return REASON.test(detail.reason) ? { problem: detail.reason } : {};
    case 'type.googleapis.com/google.rpc.RetryInfo': {
      const { retryDelay } = detail;
      return retryDelay === undefined ? {} : { retryDelayMs: Number(retryDelay.slice(0, -1)) * 1_000 };
    }
    default:
      return {};
  }
};

/** Summarizes the details of a status. The last detail of a type counts. */
export const statusDetails = (details: readonly RpcDetail[]): StatusDetails => Object.assign({}, ...details.map(read));
