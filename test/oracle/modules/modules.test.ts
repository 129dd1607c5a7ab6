import { expect, test } from 'vitest';
import { randomModel } from './random/random-model.ts';

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
