import type { FastifyInstance } from 'fastify';
import { portOf } from '../processes/ports.ts';

/** A listener on a free port of 127.0.0.1. */
export interface ListeningApp extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
}

/** Listens, by default on a free port. Its disposal ends all connections, and then stops the gateway behind it. */
export const listeningApp = async (
  app: FastifyInstance,
  gateway: { stop(): Promise<void> },
  ownPort = 0,
): Promise<ListeningApp> => {
  await app.listen({ port: ownPort, host: '127.0.0.1' });
  const port = portOf(app.server);
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      app.server.closeAllConnections();
      await app.close();
      await gateway.stop();
    },
  };
};
