import type { FastifyInstance } from 'fastify';
import {
  createListener,
  type ListenerLimits,
  type ListenerOptions,
  rejectUnknownRoutes,
  type UnknownRoute,
} from '../listener/listener.ts';
import { badRequest, rejection } from '../listener/rejection.ts';
import { addAcmeChallenges } from './acme-challenges.ts';

export interface RedirectListenerOptions
  extends Pick<ListenerOptions, 'clock' | 'log' | 'readiness' | 'publicHosts' | 'proxyProtocol' | 'observe'>,
    ListenerLimits {
  /** Port in the URLs of redirects. */
  readonly port: number;
  /** Folder with the responses to challenges of ACME; null for none. */
  readonly challenges: string | null;
}

/** Port of `https:` URLs without one. */
const HTTPS_PORT = 443;

// A redirect would repeat what was sent in the clear, with its credentials.
const unknownRoute: UnknownRoute = () => rejection('BAD_REQUEST', 'This port has no TLS: use https.');

/** Host of a Host header that is valid, without its port. */
const hostOf = (header: string): string => header.replace(/:\d*$/, '');

/**
 * Creates the listener of plain HTTP. It redirects GET and HEAD to the same URL with TLS, and rejects all other requests.
 * It does not listen yet.
 */
export const createRedirectListener = ({ port, challenges, ...options }: RedirectListenerOptions): FastifyInstance => {
  const suffix = port === HTTPS_PORT ? '' : `:${port}`;
  const { app } = createListener({ ...options, maxBodyBytes: 1, unknownRoute });
  rejectUnknownRoutes(app, unknownRoute);
  if (challenges !== null) addAcmeChallenges(app, challenges);
  app.route({
    method: ['GET', 'HEAD'],
    url: '*',
    handler: (request, reply) => {
      const { url = '', headers } = request.raw;
      const host = hostOf(headers.host ?? '');
      if (host === '' || !url.startsWith('/')) throw badRequest('The request has no host and path to redirect to.');
      return reply.code(308).header('location', `https://${host}${suffix}${url}`).send();
    },
  });
  return app;
};
