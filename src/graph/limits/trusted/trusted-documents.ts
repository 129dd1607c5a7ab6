import { hash } from 'node:crypto';
import { CLIENT_NAME_HEADER } from '../../../telemetry/names.ts';
import type { GatewayPort, GraphQLParams } from '../../gateway-port.ts';
import { refusedResult } from '../../refused-result.ts';
import { SUBSCRIPTION, selectsSubscription } from '../subscriptions.ts';
import type { DocumentList } from './document-list.ts';

/** A document that no manifest of its client contains. */
export interface UntrustedDocument {
  /** The id that was sent, or the SHA-256 of the text. Chosen by the client. */
  readonly id: string;
  readonly operationName: string | null;
  readonly client: string | undefined;
  readonly isRefused: boolean;
}

export interface TrustedDocumentsOptions {
  /** Returns the documents of the manifests as they are now. */
  readonly documents: () => DocumentList;
  /** `only` refuses all other documents, `log` executes and reports them. */
  readonly mode: 'only' | 'log';
  readonly report: (untrusted: UntrustedDocument) => void;
}

const NOT_TRUSTED = 'The document is not one of the trusted documents of this client.';

/** The hash of a persisted query of Apollo's clients; null for none. */
const persistedHash = ({ extensions }: GraphQLParams): string | null => {
  const sent: unknown = Object(extensions?.persistedQuery).sha256Hash;
  return typeof sent === 'string' ? sent : null;
};

/** The id by which a request names its document. A text comes before an id. */
const idOf = (params: GraphQLParams): string => {
  if (params.query !== null) return hash('sha256', params.query);
  return params.documentId ?? persistedHash(params) ?? '';
};

/** Replaces the id of a document by its text. Apollo Server must not register it again as a persisted query. */
const withText = (params: GraphQLParams, text: string): GraphQLParams => {
  const { persistedQuery: _, ...extensions } = params.extensions ?? {};
  return { ...params, query: text, documentId: null, extensions };
};

/**
 * Allows the documents of manifests, which clients name by id or send as text, to those clients that a manifest is for.
 * It is a transport's port in front of another one, so that every transport is bound by it.
 */
export const trustedDocuments = (
  port: GatewayPort,
  { documents, mode, report }: TrustedDocumentsOptions,
): GatewayPort => ({
  execute: async (params, context) => {
    const client = context.headers[CLIENT_NAME_HEADER];
    const id = idOf(params);
    const list = documents();
    const found = params.query === null ? list.byId(client, id) : list.byHash(client, id);
    if (found === null) {
      // A text or the hash of a persisted query may be executed, an unknown id never.
      const isRefused = mode === 'only' || (params.query === null && (params.documentId ?? null) !== null);
      report({ id, operationName: params.operationName, client, isRefused });
      return isRefused
        ? refusedResult('DOCUMENT_NOT_TRUSTED', NOT_TRUSTED, context.requestId)
        : port.execute(params, context);
    }
    // Of a document that was sent as text, the transport has rejected subscriptions.
    if (params.query === null && selectsSubscription(found.text, params.operationName))
      return refusedResult('BAD_REQUEST', SUBSCRIPTION, context.requestId);
    const known = params.query === null ? withText(params, found.text) : params;
    return port.execute({ ...known, hash: found.hash }, context);
  },
});
