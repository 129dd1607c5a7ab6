import { constantText } from '../../../src/config/secrets/secret-store.ts';
import { type DpopClient, dpopClient } from '../../support/auth/dpop.ts';
import { type IntrospectionServer, startIntrospectionServer } from '../../support/auth/introspection-server.ts';
import { AUDIENCE } from '../../support/auth/issuer.ts';
import { type TokenRig, tokenRig, wallTime } from '../../support/http/token-rig.ts';

/** An issuer with a shared secret. */
export const LEGACY = 'https://legacy.example';
export const LEGACY_SECRET = 'the-secret-of-the-legacy-issuer-of-48-characters';

/** A listener with every kind of token: JWTs by key and by secret, introspected ones, and bound ones. */
export interface AttackedTokens extends TokenRig {
  readonly server: IntrospectionServer;
  readonly client: DpopClient;
  /** A client that has stolen a token, and not its key. */
  readonly thief: DpopClient;
}

export const startAttackedTokens = async (directEdge: boolean): Promise<AttackedTokens> => {
  const server = await startIntrospectionServer();
  const rig = await tokenRig({
    directEdge,
    config: { publicHosts: ['gateway.test'] },
    tokens: {
      introspection: server.settings(),
      secretOf: (variable) => constantText(variable === 'JWT_SECRET' ? LEGACY_SECRET : 'secret-of-the-gateway'),
    },
    issuers: [
      {
        issuer: LEGACY,
        audience: AUDIENCE,
        keys: { by: 'secret', variable: 'JWT_SECRET', algorithm: 'HS256' },
        roles: 'roles',
        typ: 'JWT',
      },
    ],
  });
  return {
    ...rig,
    server,
    client: await dpopClient(wallTime),
    thief: await dpopClient(wallTime),
    [Symbol.asyncDispose]: async () => {
      await rig[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
};
