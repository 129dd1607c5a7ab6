import type { Exchange } from '../exchange/exchange.ts';
import { Http2Request } from '../listener/http2/http2-messages.ts';
import { isProbe } from '../listener/probes.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';
import type { AccessTest } from './access-test.ts';
import type { MetRules } from './met-rules.ts';
import { NOT_ALLOWED, OperationRules } from './operation-rules.ts';

export interface RequestChecks {
  /** True if only requests for public hosts are answered. */
  readonly hasPublicHosts: boolean;
  /** Routes that are answered for any host: backends use an internal name. */
  readonly hostless: ReadonlySet<string>;
  /** Null: every address is allowed. */
  readonly isAllowed: AccessTest | null;
  /** Returns the rules of requests at this time; null for none. */
  readonly rules: (() => MetRules) | null;
  /** Maximum characters of a URL. */
  readonly maxUrlLength: number;
  /** Maximum bytes of the headers of a request of HTTP/2. Node bounds those of HTTP/1.1. */
  readonly maxHeaderBytes: number;
}

type CheckedExchange = Pick<Exchange, 'client' | 'route' | 'request'> & {
  /** Null for a request that is not observed. */
  readonly trace: Exchange['trace'] | null;
  rules: Exchange['rules'];
};

/** Rejects a request by its URL, its host, the address of its client or a rule. @throws RejectedError */
export type CheckRequest = (exchange: CheckedExchange) => void;

const OTHER_HOST = rejection('BAD_REQUEST', 'The requested host is not served here.', { status: 421 });
const LONG_URL = rejection('REQUEST_TOO_LARGE', 'The URL is too long: use POST.', { status: 414 });
const LARGE_HEADERS = rejection('REQUEST_TOO_LARGE', 'The URL and headers are too large.', { status: 431 });

/** A client that does not accept the settings of a connection could send more than they allow. */
const headerBytesOf = ({ rawHeaders }: Http2Request): number => rawHeaders.reduce((sum, text) => sum + text.length, 0);

/** Records the rules that a request meets, and keeps those that read its operation. @throws RejectedError if one denies it */
const applyRules = (rulesOf: MetRules, exchange: CheckedExchange): void => {
  const { client, route, request, trace } = exchange;
  const { met, open } = rulesOf({ request, address: client.address, place: { route, url: request.url ?? '' } });
  for (const { name, action } of met) {
    trace?.record.ruled(name, action);
    if (action === 'deny') throw new RejectedError(NOT_ALLOWED);
  }
  if (open.length > 0) exchange.rules = new OperationRules(open, trace?.record ?? null);
};

/** Creates the check in front of all routes. */
export const checkRequest =
  ({ hasPublicHosts, hostless, isAllowed, rules, maxUrlLength, maxHeaderBytes }: RequestChecks): CheckRequest =>
  (exchange) => {
    const { client, route, request } = exchange;
    const { url = '' } = request;
    if (request instanceof Http2Request && headerBytesOf(request) > maxHeaderBytes)
      throw new RejectedError(LARGE_HEADERS);
    // The checks of balancers and of Kubernetes have addresses of their own, and an address as their host.
    if (isProbe(route)) return;
    if (isAllowed !== null && !isAllowed(client.address, { route, url })) throw new RejectedError(NOT_ALLOWED);
    if (rules !== null) applyRules(rules(), exchange);
    if (hasPublicHosts && client.host === null && !hostless.has(route ?? '')) throw new RejectedError(OTHER_HOST);
    if (url.length > maxUrlLength) throw new RejectedError(LONG_URL);
  };
