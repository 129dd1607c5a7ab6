import type { Mistake } from './planted.ts';
import type { Variation } from './valid.ts';

/** Mistakes in policies. */
export const POLICIES: readonly Mistake[] = [
  {
    what: 'a policy without a decision',
    from: "(principal, { id }) => principal.kind === 'user' && id === principal.subject",
    to: "() => 'yes'",
    says: 'policies.own-parcel: not a function that returns true or false',
  },
  {
    what: 'a policy of rows of an unknown type',
    from: "'Parcel',\n      ['productId'],",
    to: "'Parcl',\n      ['productId'],",
    at: "'parcel-of'",
    says: 'policies.parcel-of: the SDL has no type Parcl',
  },
  {
    what: 'a policy that needs an unknown property of the row',
    from: "['productId'],\n      ({ productId }",
    to: "['product'],\n      ({ productId }",
    at: "'parcel-of'",
    says: 'policies.parcel-of: rows of Parcel have no product',
  },
  {
    what: 'a policy that reads a property of the row that it does not need',
    from: "['productId'],\n      ({ productId }, { principal }) => principal.kind === 'user' && productId === principal.subject",
    to: "['productId'],\n      ({ productId, id }, { principal }) => principal.kind === 'user' && productId === id",
    says: "Property 'id' does not exist",
  },
  {
    what: 'a policy of rows without a decision',
    from: "({ productId }, { principal }) => principal.kind === 'user' && productId === principal.subject,",
    to: '({ productId }) => productId,',
    says: "Type 'string' is not assignable to type 'boolean | Promise<boolean>'",
  },
  {
    what: 'a policy that reads an unknown property of the context',
    from: "({ productId }, { principal }) => principal.kind === 'user' && productId === principal.subject,",
    to: '({ productId }, { caller }) => caller === productId,',
    says: "Property 'caller' does not exist",
  },
];

/** Policies without a mistake. */
export const VALID_POLICIES: readonly Variation[] = [
  {
    what: 'a policy with the context of the request',
    from: "(principal, { id }) => principal.kind === 'user' && id === principal.subject",
    to: "async (principal, _args, { clients, signal }) => principal.kind === 'user' && 'reports' in clients && !signal.aborted",
  },
  {
    what: 'a policy of rows that is async',
    from: "({ productId }, { principal }) => principal.kind === 'user' && productId === principal.subject,",
    to: 'async ({ productId }) => productId.length > 1,',
  },
];
