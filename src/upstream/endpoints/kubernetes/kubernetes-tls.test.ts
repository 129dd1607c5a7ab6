import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { KubernetesServer } from '../../../../test/support/backends/kubernetes-server.ts';
import { signedByAuthority } from '../../../../test/support/certificates/local-certificate.ts';
import { manualClock } from '../../../../test/support/clock/manual-clock.ts';
import { LONG_WAIT } from '../../../../test/support/processes/long-wait.ts';
import { parseEndpoints } from '../endpoint-list.ts';
import { followSource } from '../sources/follow-source.ts';
import { kubernetesApi } from './kubernetes-api.ts';
import { kubernetesSource } from './kubernetes-source.ts';

const certificate = signedByAuthority();
const otherAuthority = signedByAuthority().ca;

/** Follows a service whose API server has a certificate of `certificate.ca`, with this content of `ca.crt`. */
const following = async (ca: string | null) => {
  const folder = await mkdtemp(join(tmpdir(), 'kubernetes-'));
  const [tokenFile, caFile] = [join(folder, 'token'), join(folder, 'ca.crt')];
  await writeFile(tokenFile, 'first\n');
  if (ca !== null) await writeFile(caFile, ca);
  const server = new KubernetesServer('first', certificate);
  await server.listen();
  const [entry] = parseEndpoints('k8s://shop/orders:http', 'rest');
  if (entry?.by !== 'kubernetes') throw new Error('no entry of Kubernetes');
  const clock = manualClock();
  const api = kubernetesApi({ url: server.url, tokenFile, caFile });
  const followed = followSource(kubernetesSource(entry, api, clock), { clock, report: () => {}, onChange: () => {} });
  onTestFinished(async () => {
    followed.stop();
    await api.close();
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  server.put({ name: 'one', endpoints: [{ addresses: ['10.0.0.1'] }] });
  await followed.ready;
  return {
    server,
    caFile,
    snapshot: followed.snapshot,
    /** Replaces a file of the service account, as Kubernetes does. */
    replace: async (file: 'token' | 'ca.crt', text: string) => {
      await writeFile(join(folder, 'new'), text);
      await rename(join(folder, 'new'), join(folder, file));
    },
    /** Advances the clock, so that the next attempt runs, until the condition holds. */
    until: (condition: () => boolean) =>
      vi.waitUntil(() => {
        if (condition()) return true;
        clock.advance(1_000);
        return false;
      }, LONG_WAIT),
  };
};

test('slices are listed and watched over TLS, with a token that is replaced while the gateway runs', async () => {
  const { server, snapshot, replace, until } = await following(certificate.ca);
  expect(snapshot()).toMatchObject({ addresses: ['http://10.0.0.1:8080'], failure: null });
  await until(() => server.watches === 1);
  await replace('token', 'second\n');
  server.requireToken('second');
  server.disconnect('end');
  await until(() => server.watches === 0);
  server.put({ name: 'one', endpoints: [{ addresses: ['10.0.0.2'] }] });
  await until(() => snapshot().addresses[0] === 'http://10.0.0.2:8080' && server.watches === 1);
  expect(server.requests).not.toContain('401');
});

test('the certificate of an unknown authority is a failure that names the file, until the file is replaced', async () => {
  const { server, snapshot, replace, until, caFile } = await following(otherAuthority);
  expect(snapshot()).toMatchObject({
    addresses: [],
    failure: expect.stringMatching(`^no certificate in ${caFile} has signed the one of the API server: [A-Z_]+$`),
    failures: { tls: 1 },
  });
  expect(server.requests).toEqual([]);
  await replace('ca.crt', certificate.ca);
  await until(() => snapshot().failure === null);
  expect(snapshot().addresses).toEqual(['http://10.0.0.1:8080']);
});

test('another authority while the gateway runs keeps the last list', async () => {
  const { server, snapshot, replace, until } = await following(certificate.ca);
  await until(() => server.watches === 1);
  await replace('ca.crt', otherAuthority);
  server.disconnect('destroy');
  await until(() => snapshot().failure !== null);
  expect(snapshot().addresses).toEqual(['http://10.0.0.1:8080']);
});

test('a missing file of certificates is a failure that names it', async () => {
  const { snapshot, caFile } = await following(null);
  expect(snapshot()).toMatchObject({ failure: `the file ${caFile} cannot be read: ENOENT`, failures: { absent: 1 } });
});
