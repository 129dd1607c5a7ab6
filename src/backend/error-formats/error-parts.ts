import { CALLER_CODES, type ErrorCode, type ErrorResponse } from '../../core/errors.ts';
import type { MappedError } from '../../upstream/error-response/map-error-response.ts';

/** Input of the presets: an error response of either protocol. */
export interface AnyErrorResponse extends ErrorResponse {
  readonly code: ErrorCode;
}

export type Preset = (response: AnyErrorResponse) => MappedError | undefined;

export interface PresetOptions {
  /**
   * True to send the backend's texts to clients: the message of the error, and those of the violations. Default false:
   * they may contain data or names of the backend.
   */
  readonly messages?: boolean;
}

/** A field with the backend's text about it. */
export interface FieldText {
  readonly field: unknown;
  readonly text: unknown;
}

/** Parts of an error response's body that a preset has found. Invalid ones are left out. */
export interface ErrorParts {
  /** Default: the code of the status. */
  readonly code?: ErrorCode | undefined;
  /** Stable name of the problem. */
  readonly problem?: unknown;
  readonly fields?: readonly FieldText[] | undefined;
  readonly text?: unknown;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The objects of a list; empty for anything else. */
export const objectsIn = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];

const MAX_VIOLATIONS = 50;
const MAX_TEXT_LENGTH = 500;
/** Names of problems and fields have no white space, so that no sentence passes as one. */
const PROBLEM = /^[\w.:-]{1,100}$/;
const FIELD = /^\S{1,200}$/;
const NO_TEXT = 'Invalid value.';

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT_LENGTH) : undefined;

/** The error for these parts. Details and text are left out unless the code is one of CALLER_CODES. */
export const errorOfParts = (
  usual: ErrorCode,
  { code, problem, fields = [], text }: ErrorParts,
  { messages = false }: PresetOptions,
): MappedError => {
  if (!CALLER_CODES.has(code ?? usual)) return { code };
  const violations = fields.slice(0, MAX_VIOLATIONS).flatMap((each) => {
    if (typeof each.field !== 'string' || !FIELD.test(each.field)) return [];
    return { field: each.field, message: (messages ? textOf(each.text) : undefined) ?? NO_TEXT };
  });
  return {
    code,
    message: messages ? textOf(text) : undefined,
    details: {
      ...(typeof problem === 'string' && PROBLEM.test(problem) && { problem }),
      ...(violations.length > 0 && { violations }),
    },
  };
};
