import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kind, parse, print } from 'graphql';
import { type graphql as declare, graphql, remote, remoteBatch } from 'tributary/backend';
import type { SchemaModule } from '../../../../src/backend/define/module.ts';
import type { LoaderModel, ObjectModel } from '../model.ts';
import type { Values } from '../values.ts';
import { loaderField, ServiceNames } from './service-names.ts';
import { serviceSdl } from './service-sdl.ts';

type Types = NonNullable<Parameters<typeof declare>[0]['types']>;

const ROOTS = ['Query', 'Mutation'];

/** Fields that the resolvers of an object read from its rows: those of `reads`, and the keys for computed fields. */
const readsOf = ({ fields, keys }: ObjectModel): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    fields.flatMap(({ name, how, needs }) => {
      if (how.by === 'reads') return [[name, how.fields] as const];
      return needs.length > 0 ? [[name, keys] as const] : [];
    }),
  );

/** `types` of the upstream: names in the service, and what resolvers read. */
const typesOf = ({ module }: Values, text: string): Types => {
  const names = new ServiceNames(module);
  const declared = parse(text).definitions.flatMap((node) => {
    if (!('name' in node) || node.name === undefined || ROOTS.includes(node.name.value)) return [];
    const fields = 'fields' in node ? (node.fields ?? []) : [];
    const renamed = fields.flatMap(({ name: { value } }) =>
      names.field(value) === value ? [] : [[value, names.field(value)]],
    );
    const object = module.objects.find(({ name }) => name === node.name?.value);
    return node.kind === Kind.SCALAR_TYPE_DEFINITION
      ? []
      : [
          [
            node.name.value,
            {
              from: names.type(node.name.value),
              fields: Object.fromEntries(renamed),
              reads: object === undefined ? {} : readsOf(object),
            },
          ] as const,
        ];
  });
  return Object.fromEntries(declared);
};

const remoteLoader = ({ module, world }: Values, loader: Extract<LoaderModel, { readonly of: 'entity' }>) => {
  const names = new ServiceNames(module);
  const options = {
    key: loader.key.map((field) => names.field(field)),
    ...(world.is(`size ${module.name}.${loader.name}`, 20) ? { maxSize: 2 } : {}),
  };
  return remoteBatch(
    'service',
    loader.by === 'entities'
      ? { entities: names.type(loader.entity), ...options }
      : { field: loaderField(loader.name), argument: loader.by === 'one' ? 'key' : 'keys', ...options },
  );
};

/** The module with the fields of its service instead of its own. Writes the SDL of the service. */
export const overService = (module: SchemaModule, values: Values, folder: string): SchemaModule => {
  const file = `${module.name}-service.graphql`;
  writeFileSync(join(folder, file), print(serviceSdl(values.module)));
  const names = new ServiceNames(values.module);
  const own = module.loaders({});
  const loading = values.module.loaders.flatMap((loader) =>
    loader.of === 'entity' ? [[loader.name, remoteLoader(values, loader)] as const] : [],
  );
  const loaders = { ...own, ...Object.fromEntries(loading) };
  const roots = values.module.objects.flatMap(({ name, fields }) =>
    ROOTS.includes(name)
      ? [[name, Object.fromEntries(fields.map((one) => [one.name, remote('service', names.field(one.name))]))] as const]
      : [],
  );
  return {
    ...module,
    upstreams: { service: graphql({ schema: `./${file}`, types: typesOf(values, module.typeDefs.text) }) },
    loaders: () => loaders,
    resolvers: { ...module.resolvers, ...Object.fromEntries(roots) },
  };
};
