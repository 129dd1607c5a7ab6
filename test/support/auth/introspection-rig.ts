import { onTestFinished } from 'vitest';
import { tokenAuthenticator } from '../../../src/auth/tokens/token-authenticator.ts';
import { constantText } from '../../../src/config/secrets/secret-store.ts';
import type { IntrospectionSettings } from '../../../src/config/tokens/introspection.ts';
import { manualClock } from '../clock/manual-clock.ts';
import { authenticate } from './authenticators.ts';
import { startIntrospectionServer } from './introspection-server.ts';
import { AUDIENCE, ISSUER, startIssuer } from './issuer.ts';

/** An authenticator for JWTs of one issuer and for introspected tokens, on a manual clock. */
export const introspectionRig = async (more: Partial<IntrospectionSettings> = {}, secret = 's:ecret&') => {
  const clock = manualClock();
  const server = await startIntrospectionServer();
  const issuer = await startIssuer(clock.wallTime);
  const warnings: unknown[] = [];
  const authenticator = tokenAuthenticator({
    issuers: [
      { issuer: ISSUER, audience: AUDIENCE, keys: { by: 'url', url: issuer.jwksUrl }, roles: 'roles', typ: 'at+jwt' },
    ],
    introspection: server.settings(more),
    clock,
    log: { warn: (message, fields) => void warnings.push({ message, ...fields }) },
    wallTime: clock.wallTime,
    secretOf: () => constantText(secret),
  });
  onTestFinished(async () => {
    authenticator.close();
    await server[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });
  const authenticated = (token: string, network = '192.0.2.1') =>
    authenticate(authenticator, `Bearer ${token}`, { network: () => network });
  return {
    clock,
    server,
    issuer,
    warnings,
    authenticator,
    authenticated,
    /** Returns the subject of a token; the reason of its refusal; or the seconds of a 503. */
    verify: async (token: string, network?: string): Promise<string> => {
      const result = await authenticated(token, network);
      if (result?.is === 'invalid') return result.message.replace(/^Invalid token: |\.$/g, '');
      if (result?.is === 'unverifiable') return `503 after ${result.retryAfterS} s`;
      return result?.principal.kind === 'user' ? result.principal.subject : 'no user';
    },
    nowS: () => Math.floor(clock.wallTime() / 1_000),
  };
};
