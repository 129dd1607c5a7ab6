import type { IssuerSettings } from '../../../src/config/tokens/issuers.ts';
import { AUDIENCE, startIssuer, type TestIssuer } from './issuer.ts';

/** A test issuer that is named by its URL, and has metadata. */
export interface DiscoveredIssuer {
  readonly issuer: TestIssuer;
  readonly name: string;
  readonly settings: IssuerSettings;
  /** Returns a token of this issuer. */
  token(claims?: Readonly<Record<string, unknown>>): string;
}

/** Starts a test issuer with metadata at its own URL. `metadata` replaces them. */
export const startDiscoveredIssuer = async (
  wallTime: () => number,
  metadata: (name: string) => unknown = () => undefined,
): Promise<DiscoveredIssuer> => {
  const issuer = await startIssuer(wallTime);
  const name = new URL(issuer.jwksUrl).origin;
  issuer.answer = (response) => {
    const isForKeys = issuer.requests.at(-1) === '/keys';
    const body = isForKeys
      ? { keys: issuer.published }
      : (metadata(name) ?? { issuer: name, jwks_uri: issuer.jwksUrl });
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  };
  return {
    issuer,
    name,
    settings: { issuer: name, audience: AUDIENCE, keys: { by: 'discovery' }, roles: 'roles', typ: 'at+jwt' },
    token: (claims = {}) => issuer.token({ iss: name, ...claims }),
  };
};
