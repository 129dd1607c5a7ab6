import type { FastifyInstance } from 'fastify';
import type { Rejection } from '../listener/rejection.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** The metadata of the gateway as a protected resource, and their URL. */
export interface ResourceMetadata {
  readonly url: string;
  /** The members of RFC 9728 (2). */
  readonly document: Readonly<Record<string, unknown>>;
}

export interface ResourceMetadataOptions {
  /** Resource identifier: a URL without query and fragment. */
  readonly resource: string;
  readonly scopes: readonly string[];
  /** Issuers of accepted tokens. Those that are no URL are left out. */
  readonly issuers: readonly string[];
  /** Algorithms of DPoP proofs. */
  readonly algorithms: readonly string[];
}

const isServer = (issuer: string): boolean => /^https?:\/\//.test(issuer);

/** Creates the metadata. Their path is inserted between host and path of the resource (RFC 9728, 3.1). */
export const resourceMetadata = ({
  resource,
  scopes,
  issuers,
  algorithms,
}: ResourceMetadataOptions): ResourceMetadata => {
  const { origin, pathname } = new URL(resource);
  const servers = [...new Set(issuers.filter(isServer))];
  return {
    url: origin + WELL_KNOWN + pathname.replace(/\/$/, ''),
    document: {
      resource,
      ...(servers.length > 0 && { authorization_servers: servers }),
      ...(scopes.length > 0 && { scopes_supported: scopes }),
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: algorithms,
    },
  };
};

/** Adds the metadata to a listener. Pages of all origins may read them: they are public. */
export const addResourceMetadata = (app: FastifyInstance, { url, document }: ResourceMetadata): void => {
  const body = JSON.stringify(document);
  app.get(new URL(url).pathname, { exposeHeadRoute: true }, (_request, reply) =>
    reply
      .headers({
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'public, max-age=300',
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
      })
      .send(body),
  );
};

/** Returns the header with the challenge of a rejection: every 401 has one (RFC 9110, 15.5.2). `url` is that of the metadata. */
export const challengeOf = (
  { status, headers }: Pick<Rejection, 'status' | 'headers'>,
  url: string | null,
): Readonly<Record<string, string>> => {
  if (status !== 401) return {};
  const challenge = headers['www-authenticate'] ?? 'Bearer';
  // RFC 9728, 5.1
  const parameter = url === null ? '' : `${challenge.includes(' ') ? ',' : ''} resource_metadata="${url}"`;
  return { 'www-authenticate': challenge + parameter };
};
