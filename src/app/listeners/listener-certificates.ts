import { ExpiryWatch } from '../../config/certificates/expiry-watch.ts';
import { listsInUse } from '../../config/certificates/revocation-list.ts';
import {
  type UsedCertificate,
  type UsedCertificateStatus,
  type UsedList,
  type UsedListStatus,
  usedCertificateStatus,
  usedListStatus,
} from '../../config/certificates/used-certificate.ts';
import { type Clock, wallTime } from '../../core/clock.ts';
import type { ListenerTls } from '../../http/listener/tls/listener-tls.ts';
import type { Log } from '../../telemetry/log/log.ts';
import type { ListenerCertificateState } from '../../telemetry/metrics/listener-metrics.ts';
import { reportCertificates, reportListenerExpiry } from '../report.ts';
import { type ListenersTls, type OpenListenerTls, openListenerTls } from './listener-tls.ts';

const LISTENERS = ['public', 'admin'] as const;
type ListenerName = (typeof LISTENERS)[number];

/** TLS of a listener in `/status`; null without TLS. */
export type ListenerTlsStatus = {
  readonly minVersion: ListenerTls['minVersion'];
  /** Those that are served, with their intermediate ones (`server`), and the authorities of clients (`ca`). */
  readonly certificates: readonly UsedCertificateStatus[];
  /** The revocation lists of the authorities of clients. */
  readonly revocationLists: readonly UsedListStatus[];
  /** Number of changes of the files that were used. */
  readonly reloads: number;
  /** Reason for which the present files cannot be used; null if they are in use. */
  readonly fault: string | null;
} | null;

export type ListenersStatus = Readonly<Record<ListenerName, { readonly tls: ListenerTlsStatus }>>;

/** TLS of both listeners. Follows the files, and reports the expiry of the certificates. */
export interface ListenerCertificates {
  readonly tls: Readonly<Record<ListenerName, ListenerTls | undefined>>;
  /** The served certificates, for metrics. */
  metrics(): readonly ListenerCertificateState[];
  /** The files of revocation lists, for metrics. */
  listMetrics(): readonly ListenerCertificateState[];
  status(): ListenersStatus;
  /** Ends the checks of the files and of the expiry. */
  close(): void;
}

export interface ListenerCertificatesDependencies {
  readonly clock: Clock;
  readonly log: Log;
  /** Returns milliseconds since 1970. Default: the system's clock. */
  readonly wallTime?: () => number;
}

const usedBy = ({ tls, files }: OpenListenerTls): readonly UsedCertificate[] => [
  ...(tls?.pairs ?? []).flatMap((pair, at) =>
    pair
      .current()
      .certificates.map((certificate): UsedCertificate => ({ use: 'server', place: files[at] ?? '', certificate })),
  ),
  ...(tls?.clients?.authorities.current().certificates ?? []).map(
    ({ path, certificate }): UsedCertificate => ({ use: 'ca', place: path, certificate }),
  ),
];

/** The revocation lists in use at `now`. */
const listsOf = ({ tls }: OpenListenerTls, now: number): readonly UsedList[] =>
  listsInUse(tls?.clients?.authorities.current().revocations ?? [], now).map(({ path, list }) => ({
    use: 'crl',
    place: path,
    list,
  }));

const watchedBy = ({ pairs, clients }: ListenerTls) => [...pairs, ...(clients === null ? [] : [clients.authorities])];

const statusOf = (open: OpenListenerTls, now: number): ListenerTlsStatus => {
  const { tls } = open;
  if (tls === undefined) return null;
  const watched = watchedBy(tls);
  return {
    minVersion: tls.minVersion,
    certificates: usedCertificateStatus(usedBy(open), now),
    revocationLists: usedListStatus(listsOf(open, now), now),
    reloads: watched.reduce((sum, files) => sum + files.changes(), 0),
    fault: watched.map((files) => files.fault()).find((fault) => fault !== null) ?? null,
  };
};

const metricsOf = (listener: ListenerName, { tls, files }: OpenListenerTls): readonly ListenerCertificateState[] =>
  (tls?.pairs ?? []).map((pair, at) => ({
    listener,
    file: files[at] ?? '',
    expiresAt: pair.current().leaf.validToDate.getTime(),
  }));

/** The end of each file of revocation lists: of the first one that ends. */
const listMetricsOf = (
  listener: ListenerName,
  open: OpenListenerTls,
  now: number,
): readonly ListenerCertificateState[] => {
  const ends = listsOf(open, now).flatMap(({ place, list: { validToDate } }) =>
    validToDate === null ? [] : [{ place, end: validToDate.getTime() }],
  );
  return [...Map.groupBy(ends, ({ place }) => place)].map(([file, all]) => ({
    listener,
    file,
    expiresAt: Math.min(...all.map(({ end }) => end)),
  }));
};

/** Follows the files of the certificates of both listeners, and reports certificates that expire soon. */
export const openListenerCertificates = (
  read: Pick<ListenersTls, ListenerName>,
  { log, ...time }: ListenerCertificatesDependencies,
): ListenerCertificates => {
  const files = { ...time, report: reportCertificates(log) };
  const now = time.wallTime ?? wallTime;
  const opened = { public: openListenerTls(read.public, files), admin: openListenerTls(read.admin, files) };
  const watches = LISTENERS.flatMap((name) => {
    const { tls } = opened[name];
    if (tls === undefined) return [];
    const documents = () => [...usedBy(opened[name]), ...listsOf(opened[name], now())];
    const watch = new ExpiryWatch(documents, { ...time, report: reportListenerExpiry(log, name) });
    for (const files of watchedBy(tls)) files.onChange(() => watch.check());
    watch.check();
    return [watch];
  });
  return {
    tls: { public: opened.public.tls, admin: opened.admin.tls },
    metrics: () => LISTENERS.flatMap((name) => metricsOf(name, opened[name])),
    listMetrics: () => LISTENERS.flatMap((name) => listMetricsOf(name, opened[name], now())),
    status: () => ({
      public: { tls: statusOf(opened.public, now()) },
      admin: { tls: statusOf(opened.admin, now()) },
    }),
    close: () => {
      for (const watch of watches) watch.close();
      for (const name of LISTENERS) opened[name].close();
    },
  };
};
