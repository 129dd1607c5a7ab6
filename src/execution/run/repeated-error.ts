import { GraphQLError } from 'graphql';

/**
 * An error at another path. Its message, path, locations and extensions may be changed; it takes the rest from the first
 * error. It is a GraphQLError by its prototype only: the constructor of one would find its locations and capture a stack.
 */
// perf: P12
class RepeatedError {
  readonly #first: GraphQLError;
  message: string;
  path: GraphQLError['path'];
  locations: GraphQLError['locations'];
  extensions: GraphQLError['extensions'];

  constructor(first: GraphQLError, path: GraphQLError['path']) {
    this.#first = first;
    this.message = first.message;
    this.path = path;
    this.locations = first.locations;
    this.extensions = { ...first.extensions };
  }

  static firstOf(error: GraphQLError): GraphQLError {
    return #first in error ? error.#first : error;
  }

  get name(): string {
    return this.#first.name;
  }

  get stack(): string | undefined {
    return this.#first.stack;
  }

  get nodes(): GraphQLError['nodes'] {
    return this.#first.nodes;
  }

  get source(): GraphQLError['source'] {
    return this.#first.source;
  }

  get positions(): GraphQLError['positions'] {
    return this.#first.positions;
  }

  get originalError(): Error | undefined {
    return this.#first.originalError;
  }
}
Object.setPrototypeOf(RepeatedError.prototype, GraphQLError.prototype);

/** Repeats an error at another path, for the rows that one failure of a backend affects. */
export const repeatedAt = (first: GraphQLError, path: GraphQLError['path']): GraphQLError =>
  new RepeatedError(first, path) as unknown as GraphQLError; // by its prototype

/** Returns the error that this one repeats, or the error itself. */
export const firstOf = (error: GraphQLError): GraphQLError => RepeatedError.firstOf(error);
