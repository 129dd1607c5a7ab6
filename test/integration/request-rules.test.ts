import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { openRequestRules, readRequestRuleFile } from '../../src/app/listeners/request-rules.ts';
import { readRequestRules } from '../../src/config/network/request-rules.ts';
import { systemClock } from '../../src/core/clock.ts';
import { metRules } from '../../src/http/client/met-rules.ts';
import { routedGateway } from '../support/gateway/routed-gateway.ts';
import { filesModule } from '../support/modules/files-module.ts';
import { folderWith } from '../support/modules/module-folder.ts';

const read = (...rules: readonly object[]) => readRequestRules(JSON.stringify({ rules }));

const compiled = (...rules: readonly object[]) => {
  const { rules: valid, problems } = read(...rules);
  expect(problems).toEqual([]);
  return metRules(valid ?? []);
};

describe.each([true, false])('on the direct edge: %s', (isDirect) => {
  test('the first rule that allows or denies a request decides, and the log has the rules that it meets', async () => {
    const met = compiled(
      {
        name: 'office',
        when: { address: ['127.0.0.0/8'], header: { 'x-office': { present: true } } },
        action: 'allow',
      },
      { name: 'trial', when: { header: { 'x-kind': { equals: ['trial'] } } }, action: 'measure' },
      { name: 'mobile', when: { client: ['ios', 'android'] }, action: 'tag' },
      { name: 'elsewhere', when: { address: ['203.0.113.0/24'] }, action: 'deny' },
      { name: 'writes', when: { method: ['PUT', 'POST'], path: ['/files', '/graphql'] }, action: 'deny' },
    );
    await using gateway = await routedGateway([filesModule], (_, response) => response.end('ok'), {
      listener: { directEdge: isDirect },
      config: { listener: { requestRules: () => met } },
    });
    const send = async (headers: Record<string, string>) =>
      (
        await fetch(`${gateway.origin}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: '{"query":"{ __typename }"}',
        })
      ).status;
    expect([
      await send({ 'x-office': '' }),
      await send({ 'x-kind': 'trial' }),
      await send({ 'apollographql-client-name': 'ios' }),
      await send({ 'apollographql-client-name': 'web' }),
      (await fetch(`${gateway.origin}/files/1`)).status,
      (await fetch(`${gateway.origin}/livez`)).status,
    ]).toEqual([200, 403, 403, 403, 200, 200]);
    await vi.waitFor(() => expect(gateway.access).toHaveLength(5));
    expect(gateway.access.map(({ rules }) => rules?.map(({ name, action }) => `${name} ${action}`).join(', '))).toEqual(
      ['office allow', 'trial measure, writes deny', 'mobile tag, writes deny', 'writes deny', undefined],
    );
    expect(gateway.access[3]).toMatchObject({ status: 403, errors: ['FORBIDDEN'] });
  });
});

test('problems of a file are reported together, each with its place', () => {
  const { problems } = read(
    { name: 'a', when: { header: { 'x-a': { matches: '(a)\\1' } } }, action: 'deny' },
    { name: 'b c', action: 'deny' },
    { name: 'd', when: { address: ['10.0.0.0/40'], method: ['get'], path: ['files'] }, action: 'refuse' },
    { name: 'e', when: { headers: {} }, action: 'deny' },
    { name: 'f', when: { operation: { present: 1 }, kind: ['Query'], document: ['abc'] }, action: 'deny' },
  );
  expect(problems.map((problem) => problem.replace(/:.*/s, ''))).toEqual(
    expect.arrayContaining([
      'rules.0.when.header.x-a',
      'rules.1.name',
      'rules.2.when.address.0',
      'rules.2.when.method.0',
      'rules.2.when.path.0',
      'rules.2.action',
      'rules.3.when',
      'rules.4.when.operation',
      'rules.4.when.kind.0',
      'rules.4.when.document.0',
    ]),
  );
  expect(read({ name: 'a', action: 'deny' }, { name: 'a', action: 'allow' }).problems).toEqual([
    'several rules have the name a',
  ]);
});

test('a changed file applies to the next request, and an invalid one leaves the rules in use', async () => {
  const folder = folderWith({ 'rules.json': '{"rules":[{"name":"all","action":"deny"}]}' });
  const path = join(folder, 'rules.json');
  const warnings: unknown[] = [];
  const log = { warn: (text: string) => warnings.push(text), error: () => {} };
  const opened = openRequestRules(await readRequestRuleFile(path), systemClock, log);
  const request = {
    request: { method: 'GET', rawHeaders: [] },
    address: '127.0.0.1',
    place: { route: null, url: '/' },
  };
  const action = () => opened.rules?.()(request).met[0]?.action ?? null;
  expect(action()).toBe('deny');
  await writeFile(path, '{"rules":[{"name":"all","action":"measure"}]}');
  await vi.waitFor(() => expect(action()).toBe('measure'), { timeout: 20_000 });
  await writeFile(path, '{"rules":[{"name":"all","action":"?"}]}');
  await vi.waitFor(() => expect(warnings).toHaveLength(2), { timeout: 20_000 });
  expect(action()).toBe('measure');
  expect(opened.status()).toMatchObject({ rules: [{ name: 'all', action: 'measure' }] });
  opened.close();
});
