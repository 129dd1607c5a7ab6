import { z } from 'zod';
import type { Clock, Timer } from '../../../core/clock.ts';
import { entryName, type KubernetesEntry } from '../endpoint-list.ts';
import type { EndpointSource, SourceSink } from '../sources/endpoint-source.ts';
import { SourceError } from '../sources/failure-reason.ts';
import { EndpointSlice, endpointsOfSlices } from './endpoint-slice.ts';
import { type KubernetesApi, KubernetesStatusError } from './kubernetes-api.ts';

/** Seconds after which the server ends a watch. A connection that was lost without notice is found by then. */
const WATCH_S = 240;
/** Milliseconds after which this side ends a watch that the server did not end. */
const WATCH_LIMIT_MS = (WATCH_S + 10) * 1_000;
/** Timeout of a list in milliseconds. */
const LIST_MS = 10_000;
const MIN_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;
const GONE = 410;

const Version = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const List = Version.extend({ items: z.array(EndpointSlice) });

const Event = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: EndpointSlice }),
  z.object({ type: z.literal('BOOKMARK'), object: Version }),
  z.object({ type: z.literal('ERROR'), object: z.object({ code: z.number().optional() }) }),
]);

/** True if the events since a version are no longer known: the list must be read again. */
const isGone = (error: unknown): boolean => error instanceof KubernetesStatusError && error.status === GONE;

/** List and watch of one service, until `stop`. */
class SliceWatch {
  readonly #entry: KubernetesEntry;
  readonly #api: KubernetesApi;
  readonly #clock: Clock;
  readonly #sink: SourceSink;
  readonly #stopped = new AbortController();
  readonly #slices = new Map<string, EndpointSlice>();
  /** Version to watch from; null before the first list, and after it has expired. */
  #version: string | null = null;
  #failures = 0;
  #timer: Timer | null = null;

  constructor(entry: KubernetesEntry, api: KubernetesApi, clock: Clock, sink: SourceSink) {
    this.#entry = entry;
    this.#api = api;
    this.#clock = clock;
    this.#sink = sink;
  }

  stop(): void {
    this.#stopped.abort();
    this.#timer?.cancel();
  }

  /** Lists if necessary, watches until the end of the watch, and then starts again. */
  async run(): Promise<void> {
    try {
      if (this.#version === null) await this.#list();
      const startedAt = this.#clock.now();
      await this.#watch();
      // A server that ends every watch immediately does not cause a loop of requests.
      this.#next(Math.max(0, MIN_RETRY_MS - (this.#clock.now() - startedAt)));
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      if (isGone(error)) {
        this.#version = null;
        return this.#next(MIN_RETRY_MS);
      }
      const waitMs = Math.min(MIN_RETRY_MS * 2 ** this.#failures, MAX_RETRY_MS);
      this.#failures += 1;
      this.#next(waitMs);
      this.#sink.failed(error);
    }
  }

  #next(waitMs: number): void {
    if (!this.#stopped.signal.aborted) this.#timer = this.#clock.after(waitMs, () => void this.run());
  }

  #path(query: Readonly<Record<string, string>>): string {
    const { namespace, service } = this.#entry;
    const search = new URLSearchParams({ labelSelector: `kubernetes.io/service-name=${service}`, ...query });
    return `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?${search}`;
  }

  /** Runs a request that is aborted at the end of the source, and after `ms`. */
  async #within<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController();
    const stop = () => limit.abort();
    this.#stopped.signal.addEventListener('abort', stop, { once: true });
    const timer = this.#clock.after(ms, () => limit.abort(new SourceError('timeout', `no answer within ${ms} ms`)));
    try {
      return await run(limit.signal);
    } finally {
      timer.cancel();
      this.#stopped.signal.removeEventListener('abort', stop);
    }
  }

  async #list(): Promise<void> {
    const list = List.parse(await this.#within(LIST_MS, (signal) => this.#api.get(this.#path({}), signal)));
    this.#slices.clear();
    for (const slice of list.items) this.#slices.set(slice.metadata.name, slice);
    this.#version = list.metadata.resourceVersion;
    this.#publish();
  }

  async #watch(): Promise<void> {
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#version ?? '',
      timeoutSeconds: String(WATCH_S),
    };
    await this.#within(WATCH_LIMIT_MS, async (signal) => {
      const events = await this.#api.watch(this.#path(query), signal);
      this.#confirm();
      for await (const json of events) this.#apply(Event.parse(json));
    });
  }

  #apply(event: z.infer<typeof Event>): void {
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#slices.set(event.object.metadata.name, event.object);
        break;
      case 'DELETED':
        this.#slices.delete(event.object.metadata.name);
        break;
      case 'BOOKMARK':
        this.#version = event.object.metadata.resourceVersion;
        this.#failures = 0;
        this.#confirm();
        return;
      case 'ERROR':
        throw new KubernetesStatusError(event.object.code ?? 500);
      default:
        event satisfies never;
    }
    this.#version = event.object.metadata.resourceVersion;
    this.#publish();
  }

  /** An open watch reports every change: without an event, the list is still valid. */
  #confirm(): void {
    if (!this.#stopped.signal.aborted) this.#sink.confirmed();
  }

  #publish(): void {
    this.#failures = 0;
    if (!this.#stopped.signal.aborted) this.#sink.list(endpointsOfSlices(this.#slices.values(), this.#entry));
  }
}

/**
 * The EndpointSlices of a Kubernetes service, listed and then watched. A watch that ends continues at its last version;
 * one whose version has expired (410 Gone) begins with a new list. A failure is tried again after 1 s, then after twice
 * the time, up to 30 s.
 */
export const kubernetesSource = (entry: KubernetesEntry, api: KubernetesApi, clock: Clock): EndpointSource => ({
  name: entryName(entry),
  watch: (sink) => {
    const slices = new SliceWatch(entry, api, clock, sink);
    void slices.run();
    return () => slices.stop();
  },
});
