import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importInto, PACKAGE } from '../../../../test/support/modules/import-into.ts';
import { testFolder } from '../../codegen/test-folder.ts';

const contract = (text: string): string => join(testFolder({ ...PACKAGE, 'contract.yaml': text }), 'contract.yaml');

test('JSON of a contract without types is counted apart from JSON for want of a type', async () => {
  const source = contract(`
openapi: 3.1.0
info: { title: Things }
paths:
  /things:
    get:
      responses:
        '200':
          description: OK
          content:
            application/json:
              schema:
                type: object
                properties:
                  any: {}
                  map: { type: object }
                  either: { anyOf: [{ type: object, properties: { a: { type: string } } }, { type: object, properties: { a: { type: string } } }] }
                  mixed: { type: [string, object] }
                  lists: { type: object, additionalProperties: { type: [string, array] } }
`);
  const folder = testFolder(PACKAGE);
  expect(await importInto(folder, source)).toContain(
    '2 of them JSON by contract, 3 JSON for want of a type; the SDL has the reason of each.',
  );
  expect(readFileSync(join(folder, 'schema/things/imported.generated.graphql'), 'utf8')).toContain(
    '  # JSON: the contract allows several objects, and no property tells them apart.\n  either: JSON',
  );
});

test('a page of a list below a parameter is no row: it has no loader', async () => {
  const source = contract(`
openapi: 3.1.0
info: { title: Taxonomies }
paths:
  /taxonomies/{namespace}:
    get:
      parameters:
        - { name: namespace, in: path, required: true, schema: { type: string } }
        - { name: marker, in: query, schema: { type: string } }
        - { name: limit, in: query, schema: { type: integer } }
      responses:
        '200':
          description: OK
          content:
            application/json:
              schema:
                type: object
                properties:
                  next_marker: { type: string }
                  entries: { type: array, items: { type: object, properties: { key: { type: string } } } }
`);
  expect(await importInto(testFolder(PACKAGE), source, { list: true })).toMatch(/: \w+Connection, pages by token$/);
});
