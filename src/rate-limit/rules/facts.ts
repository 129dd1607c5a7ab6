import type { Principal } from '../../request/principal.ts';
import type { LimitedOperation } from '../../request/request-limits.ts';

/** What is known about a request before its body is read. */
export interface RequestFacts {
  readonly principal: Principal;
  readonly address: string;
  /** Name that the client gives itself; null for none. */
  readonly client: string | null;
  /** Path of the route; null for none. */
  readonly route: string | null;
  /** Null before the operation is known, and for requests without one. */
  readonly operation: LimitedOperation | null;
}
