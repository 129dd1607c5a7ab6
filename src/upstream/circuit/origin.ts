/** Origin of one attempt: its route and its caller. Of several attempts, null where they differ. */
export interface Origin {
  readonly route: string | null;
  readonly caller: string | null;
}

/** The origin of several attempts, with one more. */
export const joined = (origin: Origin | null, one: Origin): Origin =>
  origin === null
    ? { route: one.route, caller: one.caller }
    : {
        route: origin.route === one.route ? one.route : null,
        caller: origin.caller === one.caller ? one.caller : null,
      };

/**
 * True where what happened to attempts of this origin concerns another attempt: failures of one route are no evidence
 * about other routes, and failures of one caller are none about other callers.
 */
export const concerns = (origin: Origin | null, one: Origin): boolean =>
  origin !== null &&
  (origin.route === null || origin.route === one.route) &&
  (origin.caller === null || origin.caller === one.caller);
