import { badInput } from '../define/fail.ts';

/** The arguments of a field with pages, as GraphQL Cursor Connections names them. Null counts as absent. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

export interface PageSizes {
  /** Rows of a page if the client sets neither `first` nor `last`. Default 20. */
  readonly size?: number;
  /** Maximum of `first` and `last`, at least `size`. Default 100. Set it to the largest page of the backend. */
  readonly maxSize?: number;
}

/** A requested page: `size` rows from the start of the range between `after` and `before`, or from its end. */
export interface RequestedPage {
  readonly size: number;
  /** Maximum of `size`. */
  readonly maxSize: number;
  readonly isBackward: boolean;
  readonly after: string | null;
  readonly before: string | null;
}

const DEFAULT_SIZE = 20;
const DEFAULT_MAX_SIZE = 100;

/**
 * Reads the arguments of a page.
 *
 * @throws BAD_USER_INPUT for both `first` and `last`, and for a size below 1 or above the maximum; RangeError for sizes
 * of the module that are not possible
 */
export const requestedPage = (args: PageArguments, sizes: PageSizes): RequestedPage => {
  const { first = null, last = null, after = null, before = null } = args;
  const { size = DEFAULT_SIZE, maxSize = Math.max(size, DEFAULT_MAX_SIZE) } = sizes;
  if (!Number.isInteger(size) || !Number.isInteger(maxSize) || size < 1 || maxSize < size)
    throw new RangeError(`connection: size ${size} and maxSize ${maxSize} must be whole numbers, 1 or more, in order.`);
  if (first !== null && last !== null) throw badInput('Use either first or last, not both.');
  const requested = first ?? last ?? size;
  if (!Number.isInteger(requested) || requested < 1 || requested > maxSize)
    throw badInput(`${last === null ? 'first' : 'last'} must be between 1 and ${maxSize}.`);
  return { size: requested, maxSize, isBackward: last !== null, after, before };
};
