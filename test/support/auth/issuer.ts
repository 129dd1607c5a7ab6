import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { wallTime as systemWallTime } from '../../../src/core/clock.ts';
import { type SigningKey, signed, signingKey } from './signing.ts';

export const ISSUER = 'https://id.example';
export const AUDIENCE = 'shop';

export type Claims = Readonly<Record<string, unknown>>;

/** A test issuer that publishes its keys over HTTP. */
export interface TestIssuer extends AsyncDisposable {
  /** Default key for signing. */
  key: SigningKey;
  /** The published keys. */
  published: readonly unknown[];
  /** Response instead of the keys; null for the keys. */
  answer: ((response: ServerResponse) => void) | null;
  readonly jwksUrl: string;
  /** Paths of all requests, in order. */
  readonly requests: readonly string[];
  /** Resolves after `count` requests in total. */
  arrived(count: number): Promise<void>;
  /**
   * Returns a valid token of `c1` for ten minutes with these claims and header parameters; undefined removes a claim.
   */
  token(claims?: Claims, header?: Claims): string;
  /** Stops listening: connections are refused. */
  goDown(): Promise<void>;
  /** Listens again on the same port. */
  comeBack(): Promise<void>;
}

export const startIssuer = async (wallTime: () => number = systemWallTime, issuer = ISSUER): Promise<TestIssuer> => {
  const requests: string[] = [];
  const waiting = new Set<() => void>();
  const serve: RequestListener = (request, response) => {
    requests.push(request.url ?? '');
    for (const look of waiting) look();
    if (self.answer !== null) self.answer(response);
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: self.published }));
  };
  const listen = async (port: number) => {
    const server = createServer({ keepAliveTimeout: 300_000 }, serve).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const goDown = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const key = signingKey('k1');
  const self: TestIssuer = {
    key,
    published: [key.jwk],
    answer: null,
    jwksUrl: `http://127.0.0.1:${port}/keys`,
    requests,
    arrived: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (requests.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    token: (claims, header) => {
      const now = Math.floor(wallTime() / 1_000);
      const usual = { iss: issuer, aud: AUDIENCE, sub: 'c1', iat: now, exp: now + 600 };
      return signed(
        self.key,
        { alg: self.key.alg, typ: 'at+jwt', kid: self.key.kid, ...header },
        { ...usual, ...claims },
      );
    },
    goDown,
    comeBack: async () => {
      server = await listen(port);
    },
    [Symbol.asyncDispose]: goDown,
  };
  return self;
};
