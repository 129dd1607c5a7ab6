import { pass, type SchemaModule, websocket } from 'tributary/backend';
import { expect, test } from 'vitest';
import { plain } from '../../../test/support/modules/small-modules.ts';
import { accessChanges } from './access-changes.ts';
import { accessTable } from './access-table.ts';
import { accessText } from './alternatives.ts';
import { routeAccess } from './route-access.ts';

const accessTo = (routes: NonNullable<SchemaModule['routes']>) =>
  routeAccess([{ ...plain('files', 'type Query { a: Int }', {}), routes }]);

const ROUTES = {
  'GET /a.b/{id}': pass('store', '/i/{id}'),
  'GET /live': websocket('store', { authenticated: true }),
  'POST /x': [pass('store', { when: { host: 'h' }, scopes: [['s']] }), pass('store', { policies: [['own']] })],
};

test('each route has its access, and each alternative its own', () => {
  const rows = accessTo(ROUTES);
  expect(rows.map(({ at, access }) => `${at}: ${accessText(access)}`)).toEqual([
    'GET /a.b/{id}: everyone',
    'GET /live: signed in',
    'POST /x {"host":"h"}: scope s',
    'POST /x: policy own of files',
  ]);
  const [, first = ''] = accessTable(rows).split('\n');
  expect(first.trim().split(/ {2,}/)).toEqual(['GET /a.b/{id}', 'everyone']);
});

test('a route without the requirements that it had is widened', () => {
  const before = accessTo({ 'GET /live': pass('store', { authenticated: true }) });
  const after = accessTo({ 'GET /live': pass('store', { public: true }) });
  expect(accessChanges(before, after)).toMatchObject([{ at: 'GET /live', is: 'widened' }]);
});
