import { expect, test } from 'vitest';
import { loadersOf } from './loaders.ts';
import type { ModuleModel } from './model.ts';
import { randomModel } from './random/random-model.ts';
import { Values } from './values.ts';
import { World } from './world.ts';

test('no computed field needs a field that a service provides as non-null: its failure would null the row', () => {
  const models = Array.from({ length: 400 }, (_, at) => randomModel(`needs ${at}`));
  const wrong = models.flatMap(({ seed, modules }) => {
    const objects = modules.flatMap((module) => module.objects.map((object) => ({ ...object, module })));
    const nonNull = objects
      .filter(({ module }) => module.isService)
      .flatMap(({ name, keys, fields }) =>
        fields.flatMap((field) =>
          field.type.is === 'nonNull' && !keys.includes(field.name) ? [`${name}.${field.name}`] : [],
        ),
      );
    const needed = objects.flatMap(({ name, fields }) =>
      fields.flatMap(({ needs }) => needs.map((text) => `${name}.${text.replace(/^\w+: /, '').match(/^\w+/)?.[0]}`)),
    );
    return needed.filter((field) => nonNull.includes(field)).map((field) => `${seed}: ${field}`);
  });
  expect(wrong).toEqual([]);
});

test('a loader finds the same token for a key in another form: joins by different keys have different forms', async () => {
  const module: ModuleModel = {
    name: 'm',
    isService: false,
    shares: false,
    objects: [],
    abstracts: [],
    loaders: [{ of: 'token', name: 'tokens', composite: true }],
  };
  const { tokens } = loadersOf(new Values(module, new World('forms', new Set())));
  const keys = [
    { id: 103, sku: 's' },
    { id: '103', sku: 's' },
  ];
  const found = await tokens?.load(keys);
  const [first, second] = keys.map((key) => found?.get(tokens?.keyOf(key)));
  expect(first).toHaveProperty('token');
  expect(second).toEqual(first);
});
