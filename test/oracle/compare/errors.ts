import type { ExecutionResult, GraphQLError } from 'graphql';
import { DomainError, GatewayError } from '../../../src/core/errors.ts';

type Path = readonly (string | number)[];

/** Path and code of an error: all that a client can distinguish. */
export interface Problem {
  readonly path: Path;
  readonly code: string;
}

const causeOf = (error: unknown): unknown => {
  const original = typeof error === 'object' && error !== null ? Reflect.get(error, 'originalError') : undefined;
  return original === undefined || original === null ? error : causeOf(original);
};

const WRONG_ARGUMENT = /^Argument "\w+" (of required type|of non-null type|has invalid value) /;

/** The client's code for an error of graphql-js. */
const codeOf = (error: GraphQLError, declared: ReadonlySet<string>): string => {
  const cause = causeOf(error);
  if (cause instanceof GatewayError) return cause.code;
  if (cause instanceof DomainError && declared.has(cause.code)) return cause.code;
  return cause instanceof Error && WRONG_ARGUMENT.test(cause.message) ? 'BAD_USER_INPUT' : 'INTERNAL_SERVER_ERROR';
};

/** Errors as graphql-js reports them. */
export const reported = ({ errors = [] }: ExecutionResult, declared: ReadonlySet<string>): readonly Problem[] =>
  errors.map((error) => ({ path: error.path ?? [], code: codeOf(error, declared) }));

/** Errors as the gateway returns them. */
export const answered = ({ errors = [] }: ExecutionResult): readonly Problem[] =>
  errors.map(({ path, extensions }) => ({ path: path ?? [], code: String(extensions.code) }));

export const textOf = ({ path, code }: Problem): string => `${JSON.stringify(path)} ${code}`;

/** The position at or above `path` that is null in the answer; null if none is. */
export const nulled = (data: unknown, path: Path): Path | null => {
  let value: unknown = data;
  for (const [at, key] of path.entries()) {
    if (value === null) return path.slice(0, at);
    value = Reflect.get(Object(value), key);
  }
  return value === null ? path : null;
};

export const startsWith = (path: Path, start: Path): boolean => start.every((key, at) => path[at] === key);
