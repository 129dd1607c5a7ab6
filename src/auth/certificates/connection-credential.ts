import type { Authenticator } from '../authenticator.ts';

/**
 * Combines credentials of a request with that of its connection, which is used for requests without one of their own: a
 * service that calls for a user sends the user's token over a connection with its own certificate.
 */
export const connectionCredential = (ofRequests: Authenticator, ofConnections: Authenticator): Authenticator => ({
  credentialOf: (caller) => ofRequests.credentialOf(caller) ?? ofConnections.credentialOf(caller),
  close: () => {
    ofRequests.close();
    ofConnections.close();
  },
});
