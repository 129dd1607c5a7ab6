import type { CircuitSettings } from '../options.ts';
import type { Circuit, Open } from './state.ts';

/** Formats a duration for operators: `250 ms`, `1.5 s`. */
export const readableMs = (ms: number): string =>
  ms < 1_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;

const whyOpen = ({ cause, failures }: Open, { windowMs }: CircuitSettings, failed: string | undefined): string => {
  const last = failed === undefined ? '' : `, the last: ${failed}`;
  switch (cause.is) {
    case 'failures-in-a-row':
      return `${failures} ${failures === 1 ? 'failure' : 'failures'} in a row${last}`;
    case 'errors-in-a-row':
      return `${cause.errors} ${cause.errors === 1 ? 'error' : 'errors'} in a row${last}`;
    case 'ratio':
      return `${cause.failed} of ${cause.calls} calls failed in ${readableMs(windowMs)}${last}`;
    case 'failed-probe':
      return failed === undefined ? 'probe failed' : `probe failed: ${failed}`;
    case 'throttled-probe':
      return 'probe throttled';
    case 'retry-after':
      return `requested a pause of ${readableMs(cause.ms)}`;
    default:
      return cause satisfies never;
  }
};

/** Reason of a change of state, for operators. `failed` is the code of the failure that caused it. */
export const describeChange = (before: Circuit, after: Circuit, settings: CircuitSettings, failed?: string): string => {
  switch (after.state) {
    case 'open':
      return whyOpen(after, settings, failed);
    case 'half-open':
      return 'probe due';
    case 'closed':
      return before.state === 'half-open' ? 'probe answered' : 'answered while open';
    default:
      return after satisfies never;
  }
};
