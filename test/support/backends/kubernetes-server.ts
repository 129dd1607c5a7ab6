import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Certificate } from '../certificates/local-certificate.ts';
import { portOf } from '../processes/ports.ts';

/** An EndpointSlice without its version, which the server sets. */
export interface SliceSpec {
  readonly name: string;
  readonly ports?: readonly { readonly name?: string; readonly port: number; readonly appProtocol?: string }[];
  readonly endpoints: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
    readonly zone?: string;
    readonly nodeName?: string;
    readonly hints?: { readonly forZones: readonly { readonly name: string }[] };
  }[];
}

type Slice = SliceSpec & { readonly metadata: { readonly name: string; readonly resourceVersion: string } };

const PATH = /^\/apis\/discovery\.k8s\.io\/v1\/namespaces\/shop\/endpointslices\?/;

const statusOf = (code: number) => ({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code });

/**
 * An API server with the EndpointSlices of the service `orders` in the namespace `shop`: list and watch as the published
 * API of Kubernetes has them (API concepts, "Efficient detection of changes").
 */
export class KubernetesServer implements AsyncDisposable {
  /** Requests so far: `list`, `watch <version>`, or the status of a failure. */
  readonly requests: string[] = [];
  readonly #slices = new Map<string, Slice>();
  readonly #watches = new Set<ServerResponse>();
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';
  #events: { readonly version: number; readonly line: string }[] = [];
  #version = 100;
  #oldest = 0;
  #goneAs: 'status' | 'event' = 'status';
  #token: string;
  #failure: number | null = null;

  /** With a certificate, it accepts TLS connections only. */
  constructor(token: string, certificate: Certificate | null = null) {
    const answer = (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response);
    this.#token = token;
    this.#scheme = certificate === null ? 'http' : 'https';
    this.#server = certificate === null ? createServer(answer) : createSecureServer(certificate, answer);
  }

  async listen(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  get url(): URL {
    return new URL(`${this.#scheme}://127.0.0.1:${portOf(this.#server)}`);
  }

  /** Number of open watches. */
  get watches(): number {
    return this.#watches.size;
  }

  /** Adds or changes a slice, and sends the event to open watches. */
  put(spec: SliceSpec): void {
    const type = this.#slices.has(spec.name) ? 'MODIFIED' : 'ADDED';
    const slice = { ports: [{ name: 'http', port: 8080 }], ...spec, metadata: this.#nextVersion(spec.name) };
    this.#slices.set(spec.name, slice);
    this.#emit(type, slice);
  }

  remove(name: string): void {
    const slice = this.#slices.get(name);
    this.#slices.delete(name);
    this.#emit('DELETED', { ...slice, metadata: this.#nextVersion(name) });
  }

  /** Sends the current version to open watches. */
  bookmark(): void {
    this.#emit('BOOKMARK', { metadata: this.#nextVersion('') });
  }

  /** Ends open watches: in order, or by closing their connections. */
  disconnect(how: 'end' | 'destroy'): void {
    for (const response of this.#watches) {
      if (how === 'end') response.end();
      else response.destroy();
    }
  }

  /** Forgets the events so far: a watch from an older version is 410, as a status or as an event. */
  compact(as: 'status' | 'event'): void {
    this.#nextVersion('');
    this.#oldest = this.#version;
    this.#goneAs = as;
    this.#events = [];
  }

  /** The only token that is accepted from now on. */
  requireToken(token: string): void {
    this.#token = token;
  }

  /** Answers requests with this status. */
  fail(status: number): void {
    this.#failure = status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #nextVersion(name: string) {
    this.#version += 1;
    return { name, namespace: 'shop', resourceVersion: String(this.#version) };
  }

  #emit(type: string, object: object): void {
    const line = `${JSON.stringify({ type, object: { kind: 'EndpointSlice', addressType: 'IPv4', ...object } })}\n`;
    if (type !== 'BOOKMARK') this.#events.push({ version: this.#version, line });
    for (const watch of this.#watches) watch.write(line);
  }

  #answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const query = new URL(url, 'http://api').searchParams;
    const isKnown = PATH.test(url) && query.get('labelSelector') === 'kubernetes.io/service-name=orders';
    const code = headers.authorization !== `Bearer ${this.#token}` ? 401 : isKnown ? 200 : 404;
    response.statusCode = this.#failure ?? code;
    if (response.statusCode !== 200) {
      this.requests.push(String(response.statusCode));
      response.end(JSON.stringify(statusOf(response.statusCode)));
    } else if (query.get('watch') === 'true') this.#watch(Number(query.get('resourceVersion')), response);
    else this.#list(response);
  }

  #list(response: ServerResponse): void {
    this.requests.push('list');
    const items = [...this.#slices.values()].map((slice) => ({ addressType: 'IPv4', ...slice }));
    const metadata = { resourceVersion: String(this.#version) };
    response.end(JSON.stringify({ kind: 'EndpointSliceList', metadata, items }));
  }

  #watch(from: number, response: ServerResponse): void {
    this.requests.push(`watch ${from}`);
    if (from < this.#oldest) {
      response.statusCode = this.#goneAs === 'status' ? 410 : 200;
      const gone = this.#goneAs === 'status' ? statusOf(410) : { type: 'ERROR', object: statusOf(410) };
      response.end(`${JSON.stringify(gone)}\n`);
      return;
    }
    response.flushHeaders();
    for (const event of this.#events) if (event.version > from) response.write(event.line);
    this.#watches.add(response);
    response.once('close', () => this.#watches.delete(response));
  }
}
