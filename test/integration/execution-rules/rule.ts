import type { GraphQLScalarType } from 'graphql';
import type { Enumeration } from '../../../src/backend/define/scalars/enumeration.ts';
import type { Execution } from '../../support/gateway/executed.ts';

// biome-ignore lint/suspicious/noExplicitAny: each rule knows the shape of its own parents and arguments
type Any = any;

/** Resolvers of an object type, or the definition of an enum or a scalar. */
type Meaning = Readonly<Record<string, (parent: Any, args: Any) => unknown>> | Enumeration | GraphQLScalarType;

/** Records a resolver call; calls are kept in order. */
export type Note = (call: string) => void;

/**
 * One sentence of section 6, "Execution", of the GraphQL specification (October 2021), with an operation that shows it.
 */
export interface Rule {
  /** Section and sentence. */
  readonly title: string;
  readonly sdl: string;
  readonly resolvers?: (note: Note) => Readonly<Record<string, Meaning>>;
  readonly document: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Expected data; the order of fields counts. Undefined if nothing may be executed. */
  readonly data?: unknown;
  /** Path of each error, or `request` for request errors, in any order. Default: none. */
  readonly errors?: readonly string[];
  /** Alternative sets of errors, if the specification leaves open which of several are reported. */
  readonly orErrors?: readonly (readonly string[])[];
  /** Modes that do not obey the rule yet. The test fails as soon as they do. */
  readonly notKeptBy?: readonly Execution[];
  /** Expected resolver calls. Default: not checked. */
  readonly calls?: readonly string[];
}

/** Result of a rule's operation in one mode. */
export interface Outcome {
  /** As JSON, so that the order of fields counts; undefined without data. */
  readonly data: string | undefined;
  readonly errors: readonly string[];
  /** The errors with their locations in the document. */
  readonly located: readonly string[];
  readonly calls: readonly string[];
}

/** A resolver that returns its arguments as JSON. */
export const echo = (_parent: unknown, args: unknown): string => JSON.stringify(args);

export const fail = (): never => {
  throw new Error('This field fails.');
};

/** Resolves after all promises that are already settled were delivered. */
export const later = <Value>(value: Value): Promise<Value> =>
  new Promise((resolve) => setImmediate(() => resolve(value)));
