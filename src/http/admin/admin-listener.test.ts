import { expect, test } from 'vitest';
import { silent } from '../../../test/support/http/public-rig.ts';
import { type Clock, systemClock } from '../../core/clock.ts';
import type { EndpointHealth } from '../../upstream/endpoints/health-check.ts';
import { createAdminListener } from './admin-listener.ts';
import { type HealthReport, summarise } from './health.ts';

const up: EndpointHealth = { address: 'grpc://a:1', status: 'up', responseTimeMs: 2 };
const down: EndpointHealth = { address: 'grpc://b:1', status: 'down', responseTimeMs: 3, detail: 'refused' };
const report = (...endpoints: readonly EndpointHealth[]): HealthReport => ({
  upstreams: { 'inventory.stock': { endpoints } },
});

const listener = (health: () => Promise<HealthReport>, clock: Clock = systemClock, readiness = () => true) =>
  createAdminListener({ clock, log: silent, readiness, health });

test.each([
  ['ok', [up, up]],
  ['degraded', [up, down]],
  ['down', [down, down]],
  ['down', []],
] as const)('an upstream is %s with endpoints %j', (status, endpoints) => {
  expect(summarise(report(...endpoints)).status).toBe(status);
});

test('the worst upstream decides the status; no upstream at all is ok', () => {
  const upstreams = { a: { endpoints: [up, down] }, b: { endpoints: [down] } };
  expect(summarise({ upstreams }).status).toBe('down');
  expect(summarise({ upstreams: {} }).status).toBe('ok');
});

test('/ lists the paths that exist, as a page for a browser and as JSON otherwise', async () => {
  const app = listener(async () => report(up));
  const { paths } = (await app.inject('/')).json();
  expect(Object.keys(paths)).toEqual(['/livez', '/readyz', '/health']);
  const page = await app.inject({ url: '/', headers: { accept: 'text/html' } });
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.body).toContain('<a href="/health">/health</a>');
  expect(page.body).not.toContain('/metrics');
});

test('another method on an existing path is 405 with Allow; an unknown path is 404', async () => {
  const app = listener(async () => report(up));
  const answers = await Promise.all([
    app.inject({ method: 'POST', url: '/health?verbose' }),
    app.inject({ method: 'POST', url: '/livez' }),
    app.inject({ method: 'GET', url: '/healthz' }),
  ]);
  expect(answers.map(({ statusCode, headers }) => [statusCode, headers.allow])).toEqual([
    [405, 'GET'],
    [405, 'GET, HEAD'],
    [404, undefined],
  ]);
});

test('/health lists every endpoint; it is 200 while each upstream has a healthy one, else 503', async () => {
  const degraded = await listener(async () => report(up, down)).inject('/health');
  expect(degraded.statusCode).toBe(200);
  expect(degraded.json()).toEqual({ status: 'degraded', ...report(up, down) });
  const none = await listener(async () => report(down)).inject('/health');
  expect([none.statusCode, none.json().status]).toEqual([503, 'down']);
});

test('concurrent health requests share one probe, and its result stays valid for a second', async () => {
  let now = 0;
  let probes = 0;
  const answers: ((found: HealthReport) => void)[] = [];
  const probe = () => {
    probes += 1;
    return new Promise<HealthReport>((resolve) => answers.push(resolve));
  };
  const app = listener(probe, { ...systemClock, now: () => now });
  await app.ready();
  const both = [app.inject('/health').then(), app.inject('/health').then()];
  await expect.poll(() => answers.length).toBe(1);
  answers.pop()?.(report(up));
  await Promise.all(both);
  now = 999;
  await app.inject('/health');
  expect(probes).toBe(1);
  now = 1_000;
  const later = app.inject('/health').then();
  await expect.poll(() => answers.length).toBe(1);
  answers.pop()?.(report(up));
  await later;
  expect(probes).toBe(2);
});

test('a failed probe is not cached', async () => {
  let fails = true;
  const app = listener(async () => {
    if (fails) throw new Error('secret');
    return report(up);
  });
  const failed = await app.inject('/health');
  expect(failed.statusCode).toBe(500);
  expect(failed.body).not.toContain('secret');
  fails = false;
  expect((await app.inject('/health')).statusCode).toBe(200);
});

test('/livez is 200 and /readyz 503 while not ready, and unknown routes are 404 in JSON', async () => {
  const app = listener(
    async () => report(up),
    systemClock,
    () => false,
  );
  expect((await app.inject('/livez')).statusCode).toBe(200);
  const readyz = await app.inject('/readyz');
  expect([readyz.statusCode, readyz.body]).toEqual([503, '']);
  const unknown = await app.inject({ method: 'POST', url: '/graphql', payload: {} });
  expect(unknown.statusCode).toBe(404);
  expect(unknown.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
});
