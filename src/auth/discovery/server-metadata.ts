import { z } from 'zod';
import type { OwnRequests } from '../../config/egress/own-requests.ts';
import { requestUrlFault } from '../../config/tokens/request-url.ts';
import type { Clock } from '../../core/clock.ts';
import { fetchJson, StatusError } from './fetch-json.ts';

/** The members of an authorization server's metadata that have the URL of an endpoint. */
export type MetadataEndpoint = 'jwks_uri' | 'introspection_endpoint';

const Metadata = z.looseObject({ issuer: z.string() });

/** URLs of the metadata: of OpenID Connect Discovery (4), and of RFC 8414 (3.1), which inserts its path. */
const metadataUrls = (issuer: string): readonly [string, string] => {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
};

const isMissing = (error: unknown): boolean =>
  error instanceof StatusError && error.status >= 400 && error.status < 500;

const fetchMetadata = async (
  issuer: string,
  clock: Clock,
  requests: Pick<OwnRequests, 'fetch'>,
): Promise<z.infer<typeof Metadata>> => {
  const [ofOpenId, ofOAuth] = metadataUrls(issuer);
  const fetched = fetchJson(ofOpenId, clock, requests).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    return fetchJson(ofOAuth, clock, requests);
  });
  const { data } = Metadata.safeParse(await fetched);
  if (data === undefined) throw new Error('the metadata are no object with an issuer');
  // Compared exactly (OpenID Connect Discovery, 4.3; RFC 8414, 3.3): the metadata of another issuer name its keys.
  if (data.issuer !== issuer) throw new Error('the metadata are those of another issuer');
  return data;
};

/**
 * Returns the URL of an endpoint of an authorization server, from its metadata. Those at
 * `/.well-known/openid-configuration` are used; if that is a 4xx, those at `/.well-known/oauth-authorization-server`.
 * The endpoints of an issuer with `https:` have `https:`, too.
 *
 * @throws Error with the reason, without text of the server
 */
export const discoverEndpoint = async (
  issuer: string,
  endpoint: MetadataEndpoint,
  clock: Clock,
  requests: Pick<OwnRequests, 'fetch'>,
): Promise<string> => {
  const url = (await fetchMetadata(issuer, clock, requests))[endpoint];
  if (typeof url !== 'string') throw new Error(`the metadata have no ${endpoint}`);
  const fault = requestUrlFault(url);
  if (fault !== null) throw new Error(`${endpoint} of the metadata ${fault}`);
  if (issuer.startsWith('https:') && !url.startsWith('https:'))
    throw new Error(`${endpoint} of the metadata must start with https://, as the issuer does`);
  return url;
};
