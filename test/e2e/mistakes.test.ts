import { expect, onTestFinished, test } from 'vitest';
import { startNode } from '../support/processes/processes.ts';

test('one start reports every kind of mistake, each in one line with file or variable and fix, and exits with 1', async () => {
  const gateway = startNode('src/main.ts', [], {
    env: { SCHEMA_DIR: 'test/fixtures/mistakes', PORT: 'many', CORS_ORIGINS: 'shop.example' },
  });
  onTestFinished(() => gateway.stop().then(() => {}));
  expect(await gateway.ended).toEqual({ code: 1, signal: null });

  const [heading = '', ...lines] = gateway.output().trimEnd().split('\n');
  expect(heading).toBe(`Tributary cannot start (problems: ${lines.length}):`);
  for (const line of lines) expect(line).toMatch(/^ {2}(test\/fixtures\/mistakes\/\S+|[A-Z_]+)(: | is not set: )\S/);
  for (const promised of [
    /merge names Custmer, which the SDL does not define/,
    /the key of Review in merge is date, a field that Review does not have/,
    /Query\.product is defined by offers and by catalog/,
    /Colour is an object type in offers and an enum in catalog/,
    /CATALOG_PRODUCTS_ENDPOINTS is not set/,
    /is named "Twin" in a folder named "twin"/,
    /would read ORDER_DESK_CUSTOMERS_ENDPOINTS, and so would/,
    /the cache in loader personById is public, but the identity of the caller is forwarded to upstream people/,
    /broken\/schema\.graphql:2:10: Syntax Error/,
    /PORT: must be a whole number from 0 to 65535/,
    /CORS_ORIGINS: must be origins/,
  ])
    expect(lines.filter((line) => promised.test(line))).toHaveLength(1);
});
