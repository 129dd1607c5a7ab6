import type { Send } from '../../../src/upstream/call.ts';
import { type Endpoint, endpointAt } from '../../../src/upstream/endpoints/endpoint.ts';
import type { TrafficOptions } from '../../../src/upstream/options.ts';
import type { Transform } from '../../../src/upstream/transform/transform.ts';
import { transportTo, type Upstream, type UpstreamDependencies, upstreamOn } from '../../../src/upstream/upstream.ts';

export interface StackedOptions extends UpstreamDependencies {
  /** Default: one endpoint that does not exist. */
  readonly endpoints?: readonly Endpoint[];
  readonly timeoutMs?: number;
  readonly traffic?: TrafficOptions;
  readonly transform?: Transform;
}

/** All layers of an upstream over a backend in this process. */
export const stacked = (send: Send, options: StackedOptions): Upstream => {
  const { endpoints = [endpointAt('http://things.invalid')], timeoutMs, traffic, transform, ...dependencies } = options;
  const sources = endpoints.map((endpoint) => ({ by: 'address', endpoint }) as const);
  const settings = { name: 'shop.things', protocol: 'rest', sources, check: { by: 'connecting' } } as const;
  return upstreamOn(
    () => transportTo(send),
    { ...settings, transform, traffic: { timeoutMs, ...traffic } },
    dependencies,
  );
};
