import { CALLER_CODES, type ErrorCode, type ErrorResponse } from '../../core/errors.ts';
import type { MappedError } from '../../upstream/error-response/map-error-response.ts';
import type { Violation } from '../../upstream/rest/problem-details.ts';
import { type Failure, fail } from '../define/fail.ts';

/** Input of the presets: an error response of either protocol. */
export interface AnyErrorResponse extends ErrorResponse {
  readonly code: ErrorCode;
}

export type Preset<Code extends string = string> = (
  response: AnyErrorResponse,
) => MappedError | Failure<Code> | undefined;

export interface PresetOptions<Code extends string = string> {
  /**
   * True to send the backend's texts to clients: the message of the error, and those of the violations. Default false:
   * they may contain data or names of the backend.
   */
  readonly messages?: boolean;
  /** Codes that the module declares in its `errors`, by problem: `{ card_declined: 'CARD_DECLINED' }`. Default none. */
  readonly failures?: Readonly<Record<string, Code>>;
}

/** A field with the backend's text about it. */
export interface FieldText {
  readonly field: unknown;
  readonly text: unknown;
  /** Stable name of the violation. Default: none. */
  readonly code?: unknown;
}

/** Parts of an error response's body that a preset has found. Invalid ones are left out. */
export interface ErrorParts {
  /** Default: the code of the status. */
  readonly code?: ErrorCode | undefined;
  /** Stable name of the problem. */
  readonly problem?: unknown;
  readonly fields?: readonly FieldText[] | undefined;
  /** Violations that the backend has written for clients. They replace `fields`. */
  readonly violations?: readonly Violation[] | undefined;
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

const isName = (value: unknown): value is string => typeof value === 'string' && PROBLEM.test(value);

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT_LENGTH) : undefined;

/** The fields with a valid name; undefined for none. */
const violationsIn = (fields: readonly FieldText[], messages: boolean): readonly Violation[] | undefined => {
  const violations = fields.slice(0, MAX_VIOLATIONS).flatMap(({ field, text, code }) => {
    if (typeof field !== 'string' || !FIELD.test(field)) return [];
    const message = (messages ? textOf(text) : undefined) ?? NO_TEXT;
    return isName(code) ? { field, message, code } : { field, message };
  });
  return violations.length === 0 ? undefined : violations;
};

/** The error for these parts. Details and text are left out unless the code is one of CALLER_CODES. */
export const errorOfParts = <Code extends string>(
  usual: ErrorCode,
  parts: ErrorParts,
  { messages = false, failures = {} }: PresetOptions<Code>,
): MappedError | Failure<Code> => {
  const { code, problem, fields = [], text } = parts;
  if (!CALLER_CODES.has(code ?? usual)) return { code };
  const violations = parts.violations ?? violationsIn(fields, messages);
  const name = isName(problem) ? problem : undefined;
  const ofFields = violations === undefined ? {} : { violations };
  const failure = name === undefined || !Object.hasOwn(failures, name) ? undefined : failures[name];
  if (failure !== undefined) return fail(failure, ofFields);
  return {
    code,
    message: messages ? textOf(text) : undefined,
    details: { ...(name !== undefined && { problem: name }), ...ofFields },
  };
};
