/** Calls that one backend runs at one time without antagonists. */
export const SLOTS = 4;
/** Mean time of a call, exponentially distributed. */
export const SERVICE_MS = 40;
/** Mean time between two changes of the antagonists of a backend. */
export const CHANGE_MS = 2_000;
export const PROBE_PATH = '/load';
/** Mean number of slots that antagonists leave. */
export const MEAN_SLOTS = (1 + SLOTS) / 2;
