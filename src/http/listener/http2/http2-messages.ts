import {
  constants,
  Http2ServerRequest,
  Http2ServerResponse,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { ReadableOptions } from 'node:stream';

/** Headers that HTTP/2 forbids (RFC 9113, 8.2.2): those of a connection. */
const OF_THE_CONNECTION: readonly string[] = ['connection', 'keep-alive'];

const HIDDEN = { enumerable: false, writable: true };

/** Makes the headers those of HTTP/1.1: `host` is `:authority`, and pseudo-headers, which Node reads, are not listed. */
const asHttp1 = (headers: IncomingHttpHeaders): IncomingHttpHeaders => {
  const authority = headers[':authority'];
  for (const name in headers)
    if (name.startsWith(':')) Object.defineProperty(headers, name, { value: headers[name], ...HIDDEN });
  if (authority !== undefined) headers.host = authority;
  return headers;
};

/** A request of HTTP/2 with the properties that a request of HTTP/1.1 has. */
export class Http2Request extends Http2ServerRequest {
  /** True if `:authority` and `Host` name different hosts (RFC 9113, 8.3.1). */
  readonly hasTwoHosts: boolean;
  #distinct: Record<string, string[]> | null = null;

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    options: ReadableOptions,
    rawHeaders: readonly string[],
  ) {
    const { ':authority': authority, host } = headers;
    super(stream, asHttp1(headers), options, rawHeaders);
    this.hasTwoHosts = authority !== undefined && host !== undefined && authority !== host;
  }

  /** All values of each header, by its name in lower case. */
  get headersDistinct(): Readonly<Record<string, string[]>> {
    if (this.#distinct === null) {
      this.#distinct = {};
      const { rawHeaders } = this;
      for (let at = 0; at < rawHeaders.length; at += 2) {
        const [name = '', value = ''] = [rawHeaders[at]?.toLowerCase(), rawHeaders[at + 1]];
        const values = Object.hasOwn(this.#distinct, name) ? this.#distinct[name] : undefined;
        if (values === undefined) this.#distinct[name] = [value];
        else values.push(value);
      }
    }
    return this.#distinct;
  }
}

/** A response of HTTP/2. Headers of a connection are left out. */
export class Http2Response extends Http2ServerResponse<Http2ServerRequest> {
  override writeHead(status: number, headers?: unknown): this {
    if (typeof headers !== 'object' || headers === null) return super.writeHead(status);
    const sent: Record<string, unknown> = { ...headers };
    for (const name of OF_THE_CONNECTION) delete sent[name];
    Reflect.apply(super.writeHead, this, [status, sent]);
    return this;
  }

  /** Ends the response. Reports it as a response of HTTP/1.1 does: with `prefinish`, before the client has taken it. */
  override end(...parts: unknown[]): this {
    Reflect.apply(super.end, this, parts);
    this.emit('prefinish');
    return this;
  }

  /** Resets the stream with an error: a client must not take an incomplete body for a complete one. */
  override destroy(): this {
    this.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    return this;
  }

  override setHeader(name: string, value: number | string | readonly string[]): void {
    if (!OF_THE_CONNECTION.includes(name.toLowerCase())) super.setHeader(name, value);
  }
}
