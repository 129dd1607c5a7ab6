import type { Clock } from '../../core/clock.ts';
import type { Report } from '../events.ts';
import type { HandshakeCause, HandshakeFailure } from './handshake-failure.ts';

/** The latest failed handshake, for operators. */
export interface LastHandshakeFailure extends HandshakeFailure {
  readonly address: string;
  readonly msAgo: number;
}

const INTERVAL_MS = 60_000;
/** Pairs of address and cause with a remembered last report. */
const MAX_PAIRS = 1_000;

/** Counts failed handshakes of one upstream by cause. A cause at an address is reported once a minute at most. */
export class HandshakeFailures {
  readonly #clock: Clock;
  readonly #report: Report;
  readonly #counts = new Map<HandshakeCause, number>();
  readonly #reportedAt = new Map<string, number>();
  #last: (HandshakeFailure & { readonly address: string; readonly at: number }) | null = null;

  constructor({ clock, report }: { readonly clock: Clock; readonly report: Report }) {
    this.#clock = clock;
    this.#report = report;
  }

  add(address: string, failure: HandshakeFailure): void {
    const { cause } = failure;
    const at = this.#clock.now();
    this.#counts.set(cause, (this.#counts.get(cause) ?? 0) + 1);
    this.#last = { ...failure, address, at };
    const pair = `${address} ${cause}`;
    const reportedAt = this.#reportedAt.get(pair);
    if (reportedAt !== undefined && at - reportedAt < INTERVAL_MS) return;
    if (this.#reportedAt.size >= MAX_PAIRS) this.#reportedAt.clear();
    this.#reportedAt.set(pair, at);
    this.#report({ is: 'handshake', address, ...failure });
  }

  /** Number of failures by cause. */
  get counts(): Readonly<Partial<Record<HandshakeCause, number>>> {
    return Object.fromEntries(this.#counts);
  }

  get last(): LastHandshakeFailure | null {
    if (this.#last === null) return null;
    const { at, ...failure } = this.#last;
    return { ...failure, msAgo: Math.round(this.#clock.now() - at) };
  }
}
