import { z } from 'zod';
import { type Endpoint, endpointAt } from '../endpoint.ts';
import type { KubernetesEntry } from '../endpoint-list.ts';

const Conditions = z.object({
  ready: z.boolean().nullish(),
  serving: z.boolean().nullish(),
  terminating: z.boolean().nullish(),
});

/** An EndpointSlice of `discovery.k8s.io/v1`, as far as it is used. */
export const EndpointSlice = z.object({
  metadata: z.object({ name: z.string(), resourceVersion: z.string() }),
  addressType: z.enum(['IPv4', 'IPv6', 'FQDN']),
  endpoints: z
    .array(
      z.object({
        addresses: z.array(z.string()),
        conditions: Conditions.nullish(),
        zone: z.string().nullish(),
        nodeName: z.string().nullish(),
        hints: z.object({ forZones: z.array(z.object({ name: z.string() })).nullish() }).nullish(),
      }),
    )
    .nullish(),
  ports: z
    .array(z.object({ name: z.string().nullish(), port: z.int().nullish(), appProtocol: z.string().nullish() }))
    .nullish(),
});
export type EndpointSlice = z.infer<typeof EndpointSlice>;

type SliceEndpoint = NonNullable<EndpointSlice['endpoints']>[number];
type SlicePort = NonNullable<EndpointSlice['ports']>[number];

/** Unknown conditions count as ready, as the API defines it. */
const isReady = ({ conditions }: SliceEndpoint): boolean => conditions?.ready ?? true;

/** A terminating endpoint that still answers. */
const isServing = ({ conditions }: SliceEndpoint): boolean =>
  conditions?.serving ?? (conditions?.terminating === true ? false : isReady({ addresses: [], conditions }));

const portOf = ({ ports }: EndpointSlice, wanted: string): SlicePort | undefined =>
  (ports ?? []).find(({ name, port }) => name === wanted || String(port) === wanted);

const LABEL_VALUE = /^[\w.-]{1,64}$/;

/** Labels of an endpoint: its node, and the zones whose clients should use it. */
const labelsOf = ({ nodeName, hints }: SliceEndpoint): Endpoint['labels'] => {
  const zones = (hints?.forZones ?? []).map(({ name }) => name).join('.');
  return {
    ...(nodeName != null && LABEL_VALUE.test(nodeName) && { node: nodeName }),
    ...(LABEL_VALUE.test(zones) && { 'hint-zones': zones }),
  };
};

/**
 * Returns the endpoints of the slices of one service, on one of its ports: those that are ready or, without any, those
 * that terminate and still answer, as kube-proxy uses them.
 *
 * The URL has the DNS name of the service, for the Host header and TLS; connections go to the address of the pod. The
 * `appProtocol` `https` of a port stands for TLS.
 */
export const endpointsOfSlices = (slices: Iterable<EndpointSlice>, entry: KubernetesEntry): readonly Endpoint[] => {
  const found = new Map<string, { readonly endpoint: Endpoint; readonly ready: boolean }>();
  for (const slice of slices) {
    const port = portOf(slice, entry.port);
    if (slice.addressType === 'FQDN' || port?.port == null) continue;
    const isSecure = port.appProtocol === 'https';
    const scheme = entry.protocol === 'grpc' ? (isSecure ? 'grpcs' : 'grpc') : isSecure ? 'https' : 'http';
    const url = new URL(`${scheme}://${entry.service}.${entry.namespace}.svc:${port.port}${entry.path}`);
    for (const one of slice.endpoints ?? []) {
      const [ip] = one.addresses;
      if (ip === undefined || !isServing(one)) continue;
      const labels = { ...entry.options.labels, ...labelsOf(one) };
      const zone = one.zone != null && LABEL_VALUE.test(one.zone) ? { zone: one.zone } : {};
      const endpoint = endpointAt(url, { ...entry.options, ...zone, ip, labels });
      // A pod may be in two slices for a short time.
      const known = found.get(`${url.href} ${ip}`);
      if (known === undefined || !known.ready) found.set(`${url.href} ${ip}`, { endpoint, ready: isReady(one) });
    }
  }
  const all = [...found.values()];
  const ready = all.filter((one) => one.ready);
  return (ready.length > 0 ? ready : all).map(({ endpoint }) => endpoint);
};
