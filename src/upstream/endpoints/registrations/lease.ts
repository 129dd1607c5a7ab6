import { isIP } from 'node:net';
import { z } from 'zod';
import { addressOf, type Endpoint, endpointAt, hostNameOf } from '../endpoint.ts';
import { type Protocol, parseUrl } from '../endpoint-list.ts';
import { type EndpointOptions, labelsFrom, MAX_OPTION } from '../endpoint-options.ts';

/** Shortest and longest lease in milliseconds, and the default. */
export const LEASE_MS = { min: 1_000, max: 300_000, fallback: 10_000 } as const;

/** A registration as a backend sends it. */
export const Lease = z.strictObject({
  /** URL with an IP address as its host: `http://10.0.0.5:8080`. */
  address: z.string().max(300),
  /** Name for the Host header and for TLS. Default: the IP address. */
  host: z
    .string()
    .regex(/^[a-z\d_]([\w.-]{0,251}[a-z\d])?$/i, 'must be a host name without port')
    .optional(),
  weight: z.int().min(1).max(MAX_OPTION).optional(),
  zone: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'must be a name such as eu-west-1a')
    .optional(),
  labels: z
    .record(z.string(), z.string())
    .refine((labels) => labelsFrom(Object.entries(labels)) !== null, 'must be at most 16 names and values')
    .optional(),
  /** Time in milliseconds after which the registration lapses unless it is renewed. */
  ttlMs: z.int().min(LEASE_MS.min).max(LEASE_MS.max).default(LEASE_MS.fallback),
});
export type Lease = z.infer<typeof Lease>;

/** Id of a registration: one for each process of a backend. */
export const LEASE_ID = /^[\w.-]{1,64}$/;

/**
 * Returns the endpoint of a registration, with the options of its `registered:` entry as defaults.
 *
 * @throws Error if the address is no URL of this protocol with an IP address
 */
export const leasedEndpoint = (
  { address, host, weight, zone, labels }: Lease,
  protocol: Protocol,
  defaults: EndpointOptions,
): Endpoint => {
  const url = parseUrl(address, protocol, address);
  const ip = hostNameOf({ url });
  if (isIP(ip) === 0) throw new Error(`"${addressOf({ url })}" must have an IP address as its host`);
  const own = { ...(weight !== undefined && { weight }), ...(zone !== undefined && { zone }) };
  const options = { ...defaults, ...own, labels: { ...defaults.labels, ...labels } };
  if (host === undefined) return endpointAt(url, options);
  const named = new URL(url);
  named.hostname = host;
  return endpointAt(named, { ...options, ip });
};
