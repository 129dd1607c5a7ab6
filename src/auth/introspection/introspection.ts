import { DEFAULT_REQUESTS, type OwnRequests } from '../../config/egress/own-requests.ts';
import type { CurrentText } from '../../config/secrets/secret-store.ts';
import type { IntrospectionSettings } from '../../config/tokens/introspection.ts';
import type { Clock } from '../../core/clock.ts';
import type { AuthLog } from '../auth-log.ts';
import { frozen } from '../tokens/frozen.ts';
import { TokenError } from '../tokens/token-fault.ts';
import { UnverifiableTokenError, type ValidToken } from '../tokens/token-verifier.ts';
import { discoveredIntrospection } from './discovered-introspection.ts';
import { BadIntrospectionError, introspectedToken } from './introspected-token.ts';
import { IntrospectionFlights } from './introspection-flights.ts';
import { type IntrospectionResponse, introspectionSender } from './introspection-request.ts';
import { IntrospectionResults } from './introspection-results.ts';
import { ReportedCircuit } from './reported-circuit.ts';

const TIMEOUT_MS = 5_000;
/** Time until a token can be introspected again whose introspection failed, in seconds. */
const RETRY_S = 5;

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
  const circuit = new ReportedCircuit(issuer, clock, log);
  const send = introspectionSender(client, secretOf, requests);
  const urlOf = endpoint === null ? discoveredIntrospection(issuer, clock, requests) : async () => endpoint;
  const flights = new IntrospectionFlights<ValidToken>();

  const request = async (token: string): Promise<IntrospectionResponse> => {
    const controller = new AbortController();
    const timer = clock.after(TIMEOUT_MS, () => controller.abort(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    try {
      return await send({ issuer, url: await urlOf() }, token, controller.signal);
    } finally {
      timer.cancel();
    }
  };

  /** Reads the response about a token. @throws TokenError, or another error that concerns this token */
  const read = ({ members, length }: IntrospectionResponse, key: string, since: number): ValidToken => {
    const found = introspectedToken(members, settings, wallTime() / 1_000);
    frozen(found.principal);
    results.keep(key, found, since, length);
    return found;
  };

  /** Requests the introspection of a token. @throws TokenError, BadIntrospectionError, UnverifiableTokenError */
  const requested = async (token: string): Promise<IntrospectionResponse> => {
    try {
      return await request(token);
    } catch (error) {
      if (error instanceof TokenError || error instanceof BadIntrospectionError) throw error;
      circuit.failed(error);
      throw new UnverifiableTokenError('The introspection failed.', 1);
    }
  };

  const introspect = async (token: string, key: string, network: string): Promise<ValidToken> => {
    const since = clock.now();
    try {
      const found = read(await requested(token), key, since);
      circuit.succeeded();
      return found;
    } catch (error) {
      if (error instanceof UnverifiableTokenError) throw error;
      if (error instanceof TokenError) {
        circuit.succeeded();
        results.reject(key, error, since);
        throw error;
      }
      circuit.failedFor(network, error);
      const failure = new UnverifiableTokenError('The introspection of this token failed.', RETRY_S, true);
      results.fail(key, failure, since);
      throw failure;
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
      const waitMs = circuit.admit();
      if (waitMs > 0) throw new UnverifiableTokenError('The introspection fails.', Math.ceil(waitMs / 1_000));
      return flights.start(key, network, introspect(token, key, network));
    },
  };
};
