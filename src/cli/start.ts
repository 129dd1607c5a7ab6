import { endOnSignals } from '../app/end-signals.ts';
import { systemClock } from '../core/clock.ts';
import { ConfigurationError } from '../core/errors.ts';
import { defineCommand } from './command/define-command.ts';
import { EXIT_CODES } from './command/exit-code.ts';

/**
 * Address for the log line: `localhost` replaces a wildcard address such as 0.0.0.0, which is not a valid destination.
 */
const displayedUrl = (url: URL, path = ''): string =>
  `${url.protocol}//${url.host.replace(/^(0\.0\.0\.0|\[::\])/, 'localhost')}${path}`;

const MAX_UNREAD_BYTES = 1_048_576;

// Node buffers standard error in memory while its reader is stalled, so lines beyond 1 MiB are dropped.
const printUnread = (...parts: readonly unknown[]): void => {
  if (process.stderr.writableLength < MAX_UNREAD_BYTES) console.error(...parts);
};

// Expected failures have a message with the fix; all others are printed with their stack.
const isExpected = (error: unknown): error is Error =>
  error instanceof Error && (error instanceof ConfigurationError || error.cause !== undefined);

export const startCommand = defineCommand({
  name: 'start',
  summary: 'Starts the gateway with the modules and settings of the environment.',
  details: 'The variables are in docs/configuration.md. SIGTERM ends the gateway after the requests in flight.',
  options: {
    'allow-missing-endpoints': {
      type: 'boolean',
      default: false,
      description: 'starts if an endpoints variable is not set; calls to its upstream fail',
    },
  },
  run: async ({ values }, { env, print }) => {
    // One bug must not drop all requests in flight; nor must a closed standard error.
    process.on('unhandledRejection', (reason) => printUnread('Unhandled promise rejection:', reason));
    process.stderr.on('error', () => {});
    const { startGateway } = await import('../app/start-gateway.ts');
    try {
      const { server, stop, drainMs } = await startGateway(env, {
        allowMissingEndpoints: values['allow-missing-endpoints'],
      });
      print(
        `Tributary is ready: ${displayedUrl(server.publicUrl, '/graphql')} (admin ${displayedUrl(server.adminUrl)})`,
      );
      endOnSignals(stop, drainMs, systemClock);
      return EXIT_CODES.success;
    } catch (error) {
      console.error(isExpected(error) ? error.message : error);
      return EXIT_CODES.failure;
    }
  },
});
