import type { GatewayError } from '../core/errors.ts';

/** An operation, as rules of requests see it. */
export interface RuledOperation {
  /** Null for an operation without a name. */
  readonly name: string | null;
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** SHA-256 of the text of its document, in hex; null if it is not known. */
  readonly hash: string | null;
}

/** The rules of one request that read its operation. */
export interface RequestRules {
  /** Applies them. Returns null, or the error of a denied request. No part of such a request is executed. */
  denied(operation: RuledOperation): GatewayError | null;
}
