import { DEFAULT_REQUESTS, type OwnRequests } from '../../config/egress/own-requests.ts';
import type { CurrentText } from '../../config/secrets/secret-store.ts';
import type { IntrospectionSettings } from '../../config/tokens/introspection.ts';
import type { Clock } from '../../core/clock.ts';
import type { AuthLog } from '../auth-log.ts';
import { reasonOf } from '../discovery/fetch-json.ts';
import { frozen } from '../tokens/frozen.ts';
import { TokenError } from '../tokens/token-fault.ts';
import { UnverifiableTokenError, type ValidToken } from '../tokens/token-verifier.ts';
import { discoveredIntrospection } from './discovered-introspection.ts';
import { introspectedToken } from './introspected-token.ts';
import { IntrospectionCircuit } from './introspection-circuit.ts';
import { IntrospectionFlights } from './introspection-flights.ts';
import { introspectionSender } from './introspection-request.ts';
import { IntrospectionResults } from './introspection-results.ts';

const TIMEOUT_MS = 5_000;

export interface IntrospectionOptions {
  readonly settings: IntrospectionSettings;
  readonly clock: Clock;
  readonly log: AuthLog;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
  /** Returns the secret of a variable. */
  readonly secretOf: (variable: string) => CurrentText;
  /** Default: to all but reserved addresses. */
  readonly requests?: Pick<OwnRequests, 'fetch'> | undefined;
}

/** The introspection of tokens at one authorization server (RFC 7662). */
export interface Introspection {
  /** True for the hash of a token that was valid at its last introspection, and has not expired. */
  has(key: string): boolean;
  /** Returns a token that was introspected before, by the hash of its text; null for others. */
  find(key: string): ValidToken | null;
  /**
   * Introspects a token for a caller of this network. All callers of one token share a request.
   *
   * @throws TokenError, UnverifiableTokenError
   */
  verify(token: string, key: string, network: string): Promise<ValidToken>;
}

/** Opens introspection. Nothing is requested before the first token. */
export const openIntrospection = (options: IntrospectionOptions): Introspection => {
  const { settings, clock, log, wallTime, secretOf, requests = DEFAULT_REQUESTS } = options;
  const { issuer, endpoint, ttlMs, client } = settings;
  const results = new IntrospectionResults(ttlMs, clock, wallTime);
  const circuit = new IntrospectionCircuit();
  const send = introspectionSender(client, secretOf, requests);
  const urlOf = endpoint === null ? discoveredIntrospection(issuer, clock, requests) : async () => endpoint;
  const flights = new IntrospectionFlights<ValidToken>();

  const answered = (): void => {
    if (circuit.isOpen) log.warn('The introspection of tokens works again.', { issuer });
    circuit.succeeded();
  };

  const failed = (error: unknown): void => {
    const wasOpen = circuit.isOpen;
    circuit.failed(clock.now());
    if (wasOpen || !circuit.isOpen) return;
    log.warn('The introspection of tokens fails; unknown tokens are answered with 503.', {
      issuer,
      reason: reasonOf(error),
    });
  };

  const request = async (token: string): Promise<Awaited<ReturnType<typeof send>>> => {
    const controller = new AbortController();
    const timer = clock.after(TIMEOUT_MS, () => controller.abort(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    try {
      return await send({ issuer, url: await urlOf() }, token, controller.signal);
    } finally {
      timer.cancel();
    }
  };

  const introspect = async (token: string, key: string): Promise<ValidToken> => {
    const since = clock.now();
    try {
      const { members, length } = await request(token);
      const found = introspectedToken(members, settings, wallTime() / 1_000);
      answered();
      frozen(found.principal);
      results.keep(key, found, since, length);
      return found;
    } catch (error) {
      if (error instanceof TokenError) {
        answered();
        results.reject(key, error, since);
        throw error;
      }
      failed(error);
      throw new UnverifiableTokenError('The introspection failed.', 1);
    }
  };

  return {
    has: (key) => results.has(key),
    find: (key) => results.find(key),
    verify: async (token, key, network) => {
      const rejection = results.rejection(key);
      if (rejection !== null) throw rejection;
      const known = flights.get(key);
      if (known !== undefined) return known;
      if (!flights.hasRoom(network)) throw new UnverifiableTokenError('Too many introspections.', 1);
      const waitMs = circuit.admit(clock.now());
      if (waitMs > 0) throw new UnverifiableTokenError('The introspection fails.', Math.ceil(waitMs / 1_000));
      return flights.start(key, network, introspect(token, key));
    },
  };
};
