import type { RoutedSend } from '../../upstream/call.ts';
import type { CallOrigin } from '../../upstream/routing/call-origin.ts';

type Upstreams = Readonly<Record<string, { readonly send: RoutedSend }>>;

/**
 * Part of a cache key for the subsets that calls of this request go to: '' without routes. Calls that are drawn by weight
 * may have the answer of any subset.
 */
export const subsetKey = (upstreams: Upstreams, origin: CallOrigin): string => {
  let key = '';
  for (const [name, { send }] of Object.entries(upstreams))
    if (send.subsetOf !== undefined) key += ` ${name}=${send.subsetOf(origin) ?? '*'}`;
  return key;
};
