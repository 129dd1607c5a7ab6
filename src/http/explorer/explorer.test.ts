import { describe, expect, test } from 'vitest';
import { publicRig } from '../../../test/support/http/public-rig.ts';
import { offlinePage, sandboxPage } from './pages.ts';

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

describe('with the explorer on', () => {
  test('a browser gets pages that no other page may frame', async () => {
    await using rig = await publicRig({ explorer: true });
    for (const [path, content] of [
      ['/graphql', 'embeddable-sandbox'],
      ['/graphiql', 'YogaGraphiQL'],
    ] as const) {
      const answer = await fetch(rig.origin + path, { headers: BROWSER });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      const policy = answer.headers.get('content-security-policy');
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/script-src[^;]*'unsafe-(inline|eval)'/);
      expect(await answer.text()).toContain(content);
    }
  });

  test('a request with a query, and a client without HTML in Accept, reach the graph', async () => {
    await using rig = await publicRig({ explorer: true });
    const withQuery = await fetch(`${rig.origin}/graphql?query={hello}`, {
      headers: { ...BROWSER, 'apollo-require-preflight': 'yes' },
    });
    expect(await withQuery.json()).toEqual({ data: { hello: 'world' } });
    expect((await fetch(`${rig.origin}/graphql`)).status).toBe(400);
  });

  test('/ leads a browser to the explorer, and is not found for any other client', async () => {
    await using rig = await publicRig({ explorer: true });
    const page = await fetch(`${rig.origin}/`, { headers: BROWSER, redirect: 'manual' });
    expect([page.status, page.headers.get('location')]).toEqual([302, '/graphql']);
    expect((await fetch(`${rig.origin}/`)).status).toBe(404);
  });

  test('the page does not contain the Host header', async () => {
    await using rig = await publicRig({ explorer: true });
    const page = await rig.app.inject({ url: '/graphql', headers: { ...BROWSER, host: 'evil.test' } });
    expect(page.body).not.toContain('evil.test');
  });
});

describe('with the explorer off', () => {
  test.each([
    [BROWSER.accept, 400, 'text/html'],
    ['text/html', 406, 'text/html'],
    ['text/plain', 406, 'text/plain'],
  ])('GET /graphql with Accept %s answers how to turn the explorer on', async (accept, status, type) => {
    await using rig = await publicRig({ explorer: false });
    const page = await fetch(`${rig.origin}/graphql`, { headers: { accept } });
    expect([page.status, page.headers.get('content-type')]).toEqual([status, `${type}; charset=utf-8`]);
    expect(page.headers.get('cache-control')).toBe('no-store');
    const text = await page.text();
    expect(text).toContain('The explorer is off. Set EXPLORER=on to turn it on.');
    expect(text.startsWith('<!doctype html>')).toBe(type === 'text/html');
  });

  test.each([
    ['*/*', '', 400],
    ['application/json, text/plain, */*', '', 400],
    ['image/png', '', 406],
    ['text/html', '?query={hello}', 406],
  ])('GET with Accept %s and query "%s" gets an error in JSON', async (accept, search, status) => {
    await using rig = await publicRig({ explorer: false });
    const answer = await fetch(`${rig.origin}/graphql${search}`, { headers: { accept } });
    expect([answer.status, await answer.json()]).toMatchObject([
      status,
      { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    ]);
  });

  test('/ and /graphiql are not found', async () => {
    await using rig = await publicRig({ explorer: false });
    for (const path of ['/', '/graphiql']) {
      const page = await fetch(rig.origin + path, { headers: BROWSER });
      expect([page.status, await page.json()]).toMatchObject([
        404,
        { errors: [{ extensions: { code: 'NOT_FOUND' } }] },
      ]);
    }
  });
});

test('an example query can neither end its script element nor act as a replacement pattern', () => {
  const page = sandboxPage('query ($id: ID!) { a(b: "</script><script>$&") }');
  expect(page).toContain(String.raw`"query ($id: ID!) { a(b: \"\u003c/script>\u003cscript>$&\") }"`);
});

test('without its package, the offline explorer explains how to install it', async () => {
  expect(await offlinePage('', 'a-package-that-is-not-installed')).toContain('npm ci --include=dev');
});
