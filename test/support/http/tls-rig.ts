import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { readKeyPair } from '../../../src/config/certificates/key-pair.ts';
import { readTrustedCertificates } from '../../../src/config/certificates/trusted-certificates.ts';
import { watchKeyPair, watchTrustedCertificates } from '../../../src/config/certificates/watch-certificates.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { ListenerTls } from '../../../src/http/listener/tls/listener-tls.ts';
import { type CertificateFolder, certificateFolder } from '../certificates/certificate-folder.ts';
import { type IssuedCertificate, TestAuthority } from '../certificates/test-authority.ts';
import { type PublicRig, publicRig } from './public-rig.ts';

export interface TlsRigOptions {
  /** Certificates of the listener by the name of their files. Default: one for 127.0.0.1 and localhost. */
  readonly served?: Readonly<Record<string, IssuedCertificate>>;
  readonly minVersion?: ListenerTls['minVersion'];
  /** Authorities of clients, and whether a certificate is required. Default: none is requested. */
  readonly clients?: {
    readonly authorities: readonly string[];
    readonly areRequired: boolean;
    /** Their revocation lists. Default: none. */
    readonly revocations?: readonly string[];
  };
  readonly config?: Parameters<typeof publicRig>[0];
  readonly options?: Parameters<typeof publicRig>[1];
}

/** A public listener with TLS, with the files of its certificates. */
export interface TlsRig extends PublicRig {
  readonly folder: CertificateFolder;
  readonly tls: ListenerTls;
  /** Replaces a served certificate and its key. */
  serve(name: string, certificate: IssuedCertificate): void;
  /** Replaces the authorities of clients. */
  trust(authorities: readonly string[]): void;
  /** Replaces the revocation lists. */
  revoke(lists: readonly string[]): void;
}

let served: { readonly root: TestAuthority; readonly issuer: TestAuthority } | null = null;

/** The authority of the served certificates: an intermediate one, below a root. */
export const serverAuthority = (): { readonly root: TestAuthority; readonly issuer: TestAuthority } => {
  if (served === null) {
    const root = TestAuthority.root('root of the listener');
    served = { root, issuer: root.intermediate() };
  }
  return served;
};

/** TLS of a listener, with the files of its certificates. */
export const listenerTls = async (given: TlsRigOptions = {}) => {
  const certificates = given.served ?? { one: serverAuthority().issuer.issue() };
  const files = Object.entries(certificates).flatMap(([name, { chain, key }]) => [
    [`${name}.pem`, chain],
    [`${name}.key`, key],
  ]);
  const { clients } = given;
  const folder = certificateFolder({
    ...Object.fromEntries(files),
    ...(clients && { 'clients.pem': clients.authorities.join('') }),
    ...(clients?.revocations && { 'lists.pem': clients.revocations.join('') }),
  });
  const file = (name: string) => ({ variable: 'TLS_CERTIFICATES', path: folder.path(name) });
  const pairs = await Promise.all(
    Object.keys(certificates).map(async (name) => {
      const pairFiles = { certificate: file(`${name}.pem`), key: file(`${name}.key`), passphrase: null };
      return watchKeyPair(pairFiles, await readKeyPair(pairFiles), { clock: systemClock });
    }),
  );
  const revocations = clients?.revocations === undefined ? [] : [file('lists.pem')];
  const trusted = { files: [file('clients.pem')], withSystem: false, revocations };
  const authorities =
    clients && watchTrustedCertificates(trusted, await readTrustedCertificates(trusted), { clock: systemClock });
  const tls: ListenerTls = {
    pairs,
    minVersion: given.minVersion ?? 'TLSv1.2',
    clients: clients && authorities ? { authorities, areRequired: clients.areRequired } : null,
  };
  const close = (): void => {
    for (const pair of pairs) pair.close();
    authorities?.close();
  };
  return { tls, folder, close };
};

/** Starts a public listener with TLS. */
export const tlsRig = async (given: TlsRigOptions = {}): Promise<TlsRig> => {
  const { tls, folder, close } = await listenerTls(given);
  const rig = await publicRig({ ...given.config, tls }, given.options);
  return {
    ...rig,
    origin: `https://127.0.0.1:${rig.port}`,
    folder,
    tls,
    serve: (name, { chain, key }) => {
      folder.replace(`${name}.pem`, chain);
      folder.replace(`${name}.key`, key);
    },
    trust: (all) => folder.replace('clients.pem', all.join('')),
    revoke: (lists) => folder.replace('lists.pem', lists.join('')),
    [Symbol.asyncDispose]: async () => {
      await rig[Symbol.asyncDispose]();
      close();
    },
  };
};

/** Options of a client; Node's types lack `localAddress`. */
export type ClientTls = ConnectionOptions & { readonly localAddress?: string };

/** Options of a client that trusts the served certificates. */
export const trusting = (more: ClientTls = {}): ClientTls => ({
  host: '127.0.0.1',
  servername: 'localhost',
  ca: serverAuthority().root.certificate,
  ...more,
});

/** Connects over TLS. Rejects if the handshake fails. */
export const secureSocket = async (port: number, more: ClientTls = {}): Promise<TLSSocket> => {
  const socket = connect({ port, ...trusting(more) });
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  return socket;
};

/** A response over HTTP/2, and how its stream ended. */
export interface Http2Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly rstCode: number;
}

export interface Http2Client extends AsyncDisposable {
  readonly session: ClientHttp2Session;
  /** Sends a request. Resolves when its stream is closed. */
  request(headers: Readonly<Record<string, string | string[]>>, body?: string): Promise<Http2Answer>;
  /** Posts an operation. */
  post(query: string, headers?: Readonly<Record<string, string>>): Promise<Http2Answer>;
}

/** Opens a connection of HTTP/2. */
export const http2Client = async (port: number, more: ClientTls = {}): Promise<Http2Client> => {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ...trusting(more) });
  await once(session, 'connect');
  session.on('error', () => {});
  const request: Http2Client['request'] = async (headers, body) => {
    const stream = session.request(headers, { endStream: body === undefined });
    let answered: IncomingHttpHeaders = {};
    let text = '';
    stream.on('response', (found) => {
      answered = found;
    });
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    stream.on('error', () => {});
    if (body !== undefined) stream.end(body);
    await new Promise<void>((resolve) => stream.once('close', () => resolve()));
    const status = answered[':status'] === undefined ? undefined : Number(answered[':status']);
    return { status, headers: answered, body: text, rstCode: stream.rstCode };
  };
  return {
    session,
    request,
    post: (query, headers = {}) =>
      request(
        { ':method': 'POST', ':path': '/graphql', 'content-type': 'application/json', ...headers },
        JSON.stringify({ query }),
      ),
    [Symbol.asyncDispose]: async () => {
      session.destroy();
    },
  };
};
