import type { Meter } from '@opentelemetry/api';
import * as names from '../names.ts';

/** Metrics of pass-through routes. */
export interface RouteMetrics {
  /** Counts a WebSocket that has ended. `code` is the close code of the gateway; null if a side closed it itself. */
  webSocketClosed(route: string, code: number | null): void;
  /** Exports the number of open WebSockets whenever metrics are read. */
  watchWebSockets(open: () => number): void;
}

export const routeMetrics = (meter: Meter): RouteMetrics => {
  const closed = meter.createCounter(names.METRIC_WEBSOCKETS_CLOSED, { description: 'WebSockets that have ended' });
  return {
    webSocketClosed: (route, code) =>
      closed.add(1, { [names.ATTR_HTTP_ROUTE]: route, [names.ATTR_CODE]: code === null ? 'closed' : String(code) }),
    watchWebSockets: (open) =>
      meter
        .createObservableGauge(names.METRIC_WEBSOCKETS_OPEN, { description: 'Open WebSockets' })
        .addCallback((result) => result.observe(open())),
  };
};
