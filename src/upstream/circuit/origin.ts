/** Origin of one attempt: its route and its caller. Of several attempts, null for a part that differs. */
export interface AttemptOrigin {
  readonly route: string | null;
  readonly caller: string | null;
}

/** Combines the origin of several attempts with that of one more. */
export const joined = (origin: AttemptOrigin | null, one: AttemptOrigin): AttemptOrigin =>
  origin === null
    ? { route: one.route, caller: one.caller }
    : {
        route: origin.route === one.route ? one.route : null,
        caller: origin.caller === one.caller ? one.caller : null,
      };

/**
 * True if outcomes of attempts of this origin are evidence about another attempt. Failures of one route say nothing
 * about other routes, and failures of one caller nothing about other callers.
 */
export const concerns = (origin: AttemptOrigin | null, one: AttemptOrigin): boolean =>
  origin !== null &&
  (origin.route === null || origin.route === one.route) &&
  (origin.caller === null || origin.caller === one.caller);
