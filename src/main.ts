import { endOnSignals } from './app/end-signals.ts';
import { startGateway } from './app/start-gateway.ts';
import { systemClock } from './core/clock.ts';
import { ConfigurationError } from './core/errors.ts';

/**
 * Address for the log line: `localhost` replaces a wildcard address such as 0.0.0.0, which is not a valid destination.
 */
const displayed = (url: URL, path = ''): string =>
  `${url.protocol}//${url.host.replace(/^(0\.0\.0\.0|\[::\])/, 'localhost')}${path}`;

const MAX_UNREAD_BYTES = 1_048_576;

// Node buffers standard error in memory while its reader is stalled, so lines beyond 1 MiB are dropped.
const printError = (...parts: readonly unknown[]): void => {
  if (process.stderr.writableLength < MAX_UNREAD_BYTES) console.error(...parts);
};

// One bug must not drop all requests in flight; nor must a closed standard error.
process.on('unhandledRejection', (reason) => printError('Unhandled promise rejection:', reason));
process.stderr.on('error', () => {});

try {
  const { server, stop, drainMs } = await startGateway(process.env);
  console.log(`Tributary is ready: ${displayed(server.publicUrl, '/graphql')} (admin ${displayed(server.adminUrl)})`);
  endOnSignals(stop, drainMs, systemClock);
} catch (error) {
  // Expected failures have a message with the fix; all others are printed with their stack.
  const isExpected = error instanceof ConfigurationError || (error instanceof Error && error.cause !== undefined);
  console.error(isExpected ? error.message : error);
  process.exit(1);
}
