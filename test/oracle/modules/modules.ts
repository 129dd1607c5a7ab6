import { join } from 'node:path';
import { enumeration, type Policy } from 'tributary/backend';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import { enumsOf, stampScalar } from './leaves.ts';
import { loadersOf } from './loaders.ts';
import type { Model, ModuleModel, ObjectModel } from './model.ts';
import { resolversOf } from './resolvers.ts';
import { sdlOf } from './sdl.ts';
import { Values } from './values.ts';
import { World } from './world.ts';

const isUser = (principal: Parameters<Policy>[0], scope: string): boolean =>
  principal.kind === 'user' && principal.scopes.includes(scope);

/** Names of policies in @policy. */
const POLICIES: Readonly<Record<string, Policy>> = {
  calm: (principal, args) => isUser(principal, 's1') || args.n === 3,
  slow: async (principal, args) => {
    await null;
    return isUser(principal, 's2') || args.status === 'PAID';
  },
  wild: (principal) => {
    if (isUser(principal, 's3')) throw new Error('this policy broke');
    return true;
  },
};

const mergeOf = ({ name, merge, fields }: ObjectModel) => {
  if (merge === null) return [];
  const [first, ...more] = merge.map(({ key, load }) => {
    const [single] = key;
    return { key: key.length === 1 && single !== undefined ? single : key, ...(load === null ? {} : { load }) };
  });
  if (first === undefined) return [];
  const needs = Object.fromEntries(
    fields.flatMap((field) => (field.needs.length > 0 ? [[field.name, field.needs]] : [])),
  );
  return [
    [
      name,
      {
        ...(more.length === 0 ? first : { keys: [first, ...more] }),
        ...(Object.keys(needs).length > 0 ? { needs } : {}),
      },
    ] as const,
  ];
};

const moduleOf = (model: ModuleModel, world: World): SchemaModule => {
  const values = new Values(model, world);
  const loaders = loadersOf(values);
  const enums = Object.entries(enumsOf(model.name)).map(([name, internal]) => [name, enumeration(internal)] as const);
  const leaves = model.shares ? [['Stamp', stampScalar(model.name)] as const, ...enums] : [];
  const fields = model.objects.map((object) => [object.name, resolversOf(values, object)] as const);
  return {
    name: model.name,
    typeDefs: { text: sdlOf(model), file: join(import.meta.dirname, `${model.name}.graphql`) },
    errors: { OUT_OF_STOCK: 'There is none left.' },
    upstreams: {},
    policies: POLICIES,
    loaders: () => loaders,
    merge: Object.fromEntries(model.objects.flatMap(mergeOf)),
    resolvers: Object.fromEntries([...leaves, ...fields.filter(([, given]) => Object.keys(given).length > 0)]),
  };
};

/** Modules with a world of their own, so that calls of one side are not visible to the other. */
export const modulesOf = (model: Model): { readonly modules: readonly SchemaModule[]; readonly world: World } => {
  const world = new World(model.seed);
  return { modules: model.modules.map((module) => moduleOf(module, world)), world };
};
