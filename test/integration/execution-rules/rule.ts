import type { GraphQLScalarType } from 'graphql';
import type { Enumeration } from '../../../src/backend/enumeration.ts';
import type { Execution } from '../../support/executed.ts';

// biome-ignore lint/suspicious/noExplicitAny: each rule knows the shape of its own parents and arguments
type Any = any;

/** Of an object type; or what an enum or a scalar means. */
type Meaning = Readonly<Record<string, (parent: Any, args: Any) => unknown>> | Enumeration | GraphQLScalarType;

/** Notes that a resolver was called, in the order of the calls. */
export type Note = (call: string) => void;

/** One sentence of section 6, "Execution", of the GraphQL specification (October 2021), and an operation that shows it. */
export interface Rule {
  /** Section and sentence. */
  readonly title: string;
  readonly sdl: string;
  readonly resolvers?: (note: Note) => Readonly<Record<string, Meaning>>;
  readonly document: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** The order of its fields counts. Left out where nothing may be executed. */
  readonly data?: unknown;
  /** Path of each error, or `request` for those of the request as a whole, in any order. Default: none. */
  readonly errors?: readonly string[];
  /** Further sets of errors that the specification allows, where it leaves it open which of several are told. */
  readonly orErrors?: readonly (readonly string[])[];
  /** Ways to execute that do not keep to it yet. Each of these tests fails once it does. */
  readonly notKeptBy?: readonly Execution[];
  /** What the resolvers noted. Default: not looked at. */
  readonly calls?: readonly string[];
}

/** What became of a rule's operation in one mode. */
export interface Outcome {
  /** As JSON, so that the order of fields counts; undefined where there is none. */
  readonly data: string | undefined;
  readonly errors: readonly string[];
  /** The same with their places in the document. */
  readonly located: readonly string[];
  readonly calls: readonly string[];
}

/** Answers with the arguments that it was given. */
export const told = (_parent: unknown, args: unknown): string => JSON.stringify(args);

export const fail = (): never => {
  throw new Error('This field fails.');
};

/** Settles after everything that is settled already was heard of. */
export const later = <Value>(value: Value): Promise<Value> =>
  new Promise((resolve) => setImmediate(() => resolve(value)));
