import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reply, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { generateModule } from '../../src/cli/codegen/generate.ts';
import reviews from '../fixtures/misuse/modules/reviews/index.ts';
import { blocksOf } from '../support/processes/doc-blocks.ts';
import { ROOT } from '../support/processes/processes.ts';

// test/types compiles the module.
const FOLDER = join(ROOT, 'test/fixtures/misuse/modules/reviews');

const textOf = (file: string) => readFileSync(join(FOLDER, file), 'utf8');

test('the module of the page is that of the test', () => {
  const files = blocksOf('docs/graphql-upstreams.md').filter(({ file }) => file !== null);
  expect(files.map(({ file, text }) => [file, text])).toEqual(
    ['schema.graphql', 'index.ts'].map((file) => [`schema/reviews/${file}`, textOf(file)]),
  );
});

test('the types of a module over a service are generated from its SDL', async () => {
  expect(await generateModule(FOLDER)).toBe(textOf('schema.generated.ts'));
});

test('a script executes the SDL of the service', async () => {
  const gateway = testBackend(reviews, {
    reviews: scripted().graphql({
      Query: { review: (_root, { id }) => ({ id, rating: 5, text: 'Good', product: { id: 'p1' } }) },
    }),
  });
  const { data } = await gateway.query('{ review(id: "r1") { stars product { id } } }');
  expect(data).toEqual({ review: { stars: 5, product: { id: 'p1' } } });
  expect(gateway.calls).toEqual(['reviews.reviews query review']);
});

test('a script may answer with a whole response', async () => {
  const gateway = testBackend(reviews, { reviews: scripted().graphql(reply({ status: 503 })) });
  const { errors } = await gateway.query('{ review(id: "r1") { stars } }');
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['SERVICE_UNAVAILABLE']);
});
