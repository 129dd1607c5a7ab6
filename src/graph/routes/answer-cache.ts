import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CacheStore } from '../../cache/store.ts';
import { wallTime } from '../../core/clock.ts';
import type { Call, RestMessage } from '../../upstream/call.ts';
import { freshSeconds } from './cache-control.ts';

type Headers = Readonly<Record<string, string>>;

/** A stored answer. */
export interface StoredAnswer {
  readonly status: number;
  /** As the backend sent them. */
  readonly headers: Headers;
  readonly body: Buffer;
  /** In seconds, since the backend made it. */
  readonly age: number;
}

const Entry = z.object({
  at: z.number(),
  age: z.number(),
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

/** Headers that differ for each request and do not change the answer, and conditions, which the store answers itself. */
const IGNORED: ReadonlySet<string> = new Set([
  ...['x-request-id', 'traceparent', 'tracestate', 'if-none-match', 'if-modified-since'],
]);

/** The answers of routes with `cache`, in the store of the gateway. */
export class AnswerCache {
  readonly maxBytes: number;
  readonly #store: CacheStore;
  readonly #isShared: boolean;
  readonly #now: () => number;

  /** `isShared`: all callers of the route have the same answers, because the backend cannot distinguish them. */
  constructor(store: CacheStore, maxBytes: number, isShared: boolean, now: () => number = wallTime) {
    this.#store = store;
    this.maxBytes = maxBytes;
    this.#isShared = isShared;
    this.#now = now;
  }

  /** Key of a call: everything that the backend receives, and the principal. */
  keyOf(call: Call & { readonly message: RestMessage }, subset: string): string {
    const headers = Object.entries(call.headers).filter(([name]) => !IGNORED.has(name));
    const parts = [
      ...[call.upstream, call.route, call.message.target, subset],
      this.#isShared ? '' : call.principalKey,
      // The token that is issued for it is not among the headers yet.
      call.subject?.key ?? '',
      headers.sort(([one], [other]) => (one < other ? -1 : 1)),
    ];
    return `route:${createHash('sha256').update(JSON.stringify(parts)).digest('base64url')}`;
  }

  /** Returns a fresh answer; null for none. */
  async read(key: string): Promise<StoredAnswer | null> {
    const [text] = await this.#store.getMany([key]);
    if (text === undefined) return null;
    try {
      const { at, age, status, headers, body } = Entry.parse(JSON.parse(text));
      const since = Math.max(0, Math.floor((this.#now() - at) / 1_000));
      const fresh = freshSeconds(status, headers, this.#isShared, at);
      if (fresh === null || since >= fresh) return null;
      return { status, headers, body: Buffer.from(body, 'base64'), age: age + since };
    } catch {
      return null; // the store may contain anything
    }
  }

  /** True if an answer with this head may be stored. */
  mayStore(status: number, headers: Headers): boolean {
    const isSmall = Number(headers['content-length'] ?? 0) <= this.maxBytes;
    return isSmall && freshSeconds(status, headers, this.#isShared, this.#now()) !== null;
  }

  /** Stores a complete answer. */
  write(key: string, status: number, headers: Headers, body: Buffer): void {
    const at = this.#now();
    const fresh = freshSeconds(status, headers, this.#isShared, at);
    if (fresh === null || body.length > this.maxBytes) return;
    const age = Number(headers.age ?? 0);
    const value = JSON.stringify({ at, age, status, headers, body: body.toString('base64') });
    void this.#store.setMany([{ key, value, ttlMs: fresh * 1_000 }]);
  }
}
