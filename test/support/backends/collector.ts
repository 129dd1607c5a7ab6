import { once } from 'node:events';
import { createServer } from 'node:http';
import { z } from 'zod';
import { portOf } from '../processes/ports.ts';

const Value = z.looseObject({});
const Attribute = z.object({ key: z.string(), value: Value });
const Span = z.looseObject({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  attributes: z.array(Attribute).default([]),
});
const Export = z.object({
  resourceSpans: z.array(
    z.looseObject({
      resource: z.looseObject({ attributes: z.array(Attribute) }),
      scopeSpans: z.array(z.looseObject({ spans: z.array(Span) })),
    }),
  ),
});

export type ReceivedSpan = z.infer<typeof Span>;

export interface Collector extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Every span so far, in order of arrival. */
  readonly spans: readonly ReceivedSpan[];
  /** Names of the metrics so far. */
  readonly metrics: ReadonlySet<string>;
  /** Body of every request, as received. */
  readonly bodies: readonly string[];
}

/** A collector of traces and metrics over OTLP (HTTP, JSON). */
export const startCollector = async (): Promise<Collector> => {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  const metrics = new Set<string>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    bodies.push(body);
    if (request.url === '/v1/metrics')
      for (const [, name = ''] of body.matchAll(/"name":"([a-z_.]+)"/g)) metrics.add(name);
    else
      for (const { scopeSpans } of Export.parse(JSON.parse(body)).resourceSpans)
        for (const scope of scopeSpans) spans.push(...scope.spans);
    response.setHeader('content-type', 'application/json').end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    spans,
    metrics,
    bodies,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
};

/** Value of an attribute, whatever its type. */
export const attributeOf = (span: ReceivedSpan | undefined, key: string): unknown => {
  const found = span?.attributes.find((attribute) => attribute.key === key);
  return found === undefined ? undefined : Object.values(found.value)[0];
};
