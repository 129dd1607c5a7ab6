import { z } from 'zod';
import { readCidr } from '../ip-address.ts';
import { hasInvisible, partsOf } from '../text.ts';

/** One rule about the addresses of clients. */
export interface AccessRule {
  readonly is: 'allow' | 'deny';
  /** Addresses or CIDRs. */
  readonly networks: readonly string[];
  /** Path of a route, with everything below it; null for all. */
  readonly path: string | null;
}

const FORM =
  'must be rules such as allow 10.0.0.0/8 /internal, deny all /internal, deny 203.0.113.7, separated by commas';

const ALL = ['0.0.0.0/0', '::/0'];

const readOne = (part: string): AccessRule | null => {
  const [is, network = '', path = null, ...more] = part.split(/\s+/);
  if ((is !== 'allow' && is !== 'deny') || more.length > 0 || (path !== null && !path.startsWith('/'))) return null;
  if (network === 'all') return { is, networks: ALL, path };
  return readCidr(network) === null ? null : { is, networks: [network], path };
};

/** Rules about the addresses of clients, in order. Default none. */
export const accessRules = z
  .string()
  .transform((text, context): readonly AccessRule[] =>
    partsOf(text).flatMap((part) => {
      const one = hasInvisible(part) ? null : readOne(part);
      if (one === null) context.addIssue(FORM);
      return one ?? [];
    }),
  )
  .default([]);
