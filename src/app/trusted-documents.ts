import { readFile } from 'node:fs/promises';
import { versionsOf } from '../config/certificates/watch-folders.ts';
import { watchedFiles } from '../config/certificates/watched-files.ts';
import type { WatchedFilesEvent } from '../config/certificates/watched-value.ts';
import type { ManifestSettings } from '../config/manifests.ts';
import type { Settings } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import { type ClientManifest, DocumentList } from '../graph/limits/trusted/document-list.ts';
import { parseManifest } from '../graph/limits/trusted/manifest.ts';
import type { TrustedDocumentsOptions, UntrustedDocument } from '../graph/limits/trusted/trusted-documents.ts';
import type { Log } from '../telemetry/log/log.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'cannot be read';
  return 'code' in error && typeof error.code === 'string' ? `cannot be read (${error.code})` : error.message;
};

const readManifest = async ({ path, client, prefix }: ManifestSettings): Promise<ClientManifest | string> => {
  try {
    return { manifest: parseManifest(await readFile(path, 'utf8')), client, prefix };
  } catch (error) {
    return `${path} ${reasonOf(error)}`;
  }
};

export interface TrustedDocumentFiles {
  /** Empty if there are problems. */
  readonly documents: DocumentList;
  /** Each with the path of its manifest. */
  readonly problems: readonly string[];
  /** Version of the files. */
  readonly version: string;
}

/** Reads the documents of all manifests. */
export const readTrustedDocuments = async (manifests: readonly ManifestSettings[]): Promise<TrustedDocumentFiles> => {
  const version = await versionsOf(manifests.map(({ path }) => path));
  const read = await Promise.all(manifests.map(readManifest));
  const problems = read.filter((one) => typeof one === 'string');
  const none = new DocumentList([]);
  if (problems.length > 0) return { documents: none, problems, version };
  try {
    return { documents: new DocumentList(read.filter((one) => typeof one !== 'string')), problems, version };
  } catch (error) {
    return { documents: none, problems: [reasonOf(error)], version };
  }
};

const rereadDocuments = async (manifests: readonly ManifestSettings[]): Promise<DocumentList> => {
  const { documents, problems } = await readTrustedDocuments(manifests);
  if (problems.length > 0) throw new Error(problems.join('; '));
  return documents;
};

/** Ids of untrusted documents that are remembered, so that each is logged once. */
const MAX_LOGGED = 1_000;

/** Counts untrusted documents, and logs each of the first ones once. */
const untrustedReport = (metrics: Metrics, log: Log): TrustedDocumentsOptions['report'] => {
  const logged = new Set<string>();
  return ({ isRefused, ...document }: UntrustedDocument) => {
    metrics.untrustedDocument(isRefused ? 'refused' : 'executed');
    if (logged.has(document.id) || logged.size === MAX_LOGGED) return;
    logged.add(document.id);
    log.warn(`A document is not trusted and was ${isRefused ? 'refused' : 'executed'}.`, { ...document });
    if (logged.size === MAX_LOGGED)
      log.warn('Further untrusted documents are counted only. Their metric is tributary_untrusted_documents_total.', {
        logged: MAX_LOGGED,
      });
  };
};

const logFiles =
  (log: Log) =>
  (event: WatchedFilesEvent): void => {
    if (event.is === 'reloaded') log.warn('The trusted documents were read again from their changed files.');
    else
      log.warn('The manifests of trusted documents cannot be used; the last ones stay in use. Correct the files.', {
        reason: event.reason,
      });
  };

export interface OpenedTrustedDocuments {
  /** Null without manifests: every document is allowed. */
  readonly options: TrustedDocumentsOptions | null;
  /** State for operators; null without manifests. */
  status(): unknown;
  close(): void;
}

/** Follows the manifests. */
export const openTrustedDocuments = (
  { TRUSTED_DOCUMENTS: manifests, TRUSTED_DOCUMENTS_MODE: mode }: Settings,
  { documents, version }: TrustedDocumentFiles,
  clock: Clock,
  log: Log,
  metrics: Metrics,
): OpenedTrustedDocuments => {
  if (manifests.length === 0) return { options: null, status: () => null, close: () => {} };
  const files = watchedFiles({
    initial: documents,
    initialVersion: version,
    paths: manifests.map(({ path }) => path),
    read: () => rereadDocuments(manifests),
    // Files are read only after a change.
    isSame: () => false,
    clock,
    report: logFiles(log),
  });
  return {
    options: { documents: () => files.current(), mode, report: untrustedReport(metrics, log) },
    status: () => ({ mode, documents: files.current().size, fault: files.fault(), changes: files.changes() }),
    close: () => files.close(),
  };
};
