import { join } from 'node:path';
import { enumeration, type Policy } from 'tributary/backend';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import type { Send } from '../../../src/upstream/call.ts';
import { enumsOf, stampScalar } from './leaves.ts';
import { loadersOf } from './loaders.ts';
import type { Model, ModuleModel, ObjectModel } from './model.ts';
import { interfaceResolversOf, resolversOf } from './resolvers.ts';
import { sdlOf } from './sdl.ts';
import { overService } from './service/over-service.ts';
import { serviceOf } from './service/service.ts';
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

/** Everything of a module but its resolvers, loaders and upstreams. */
const basisOf = (model: ModuleModel) => ({
  name: model.name,
  errors: { OUT_OF_STOCK: 'There is none left.' },
  policies: POLICIES,
  merge: Object.fromEntries(model.objects.flatMap(mergeOf)),
});

const leavesOf = ({ name, shares }: ModuleModel) => {
  const enums = Object.entries(enumsOf(name)).map(([one, internal]) => [one, enumeration(internal)] as const);
  return shares ? { Stamp: stampScalar(name), ...Object.fromEntries(enums) } : {};
};

const fieldsOf = (values: Values, isPlain: boolean): SchemaModule['resolvers'] => {
  const { objects, abstracts } = values.module;
  const own = [
    ...objects.map((object) => [object.name, resolversOf(values, object, isPlain)] as const),
    ...(isPlain ? [] : abstracts.map((one) => [one.name, interfaceResolversOf(values, one)] as const)),
  ];
  return Object.fromEntries(own.filter(([, given]) => Object.keys(given).length > 0));
};

/** A module that resolves every field itself, also those that a service provides. */
const plainModule = (model: ModuleModel, world: World): SchemaModule => {
  const values = new Values(model, world);
  const loaders = loadersOf(values);
  return {
    ...basisOf(model),
    typeDefs: { text: sdlOf(model), file: join(import.meta.dirname, `${model.name}.graphql`) },
    upstreams: {},
    loaders: () => loaders,
    resolvers: { ...leavesOf(model), ...fieldsOf(values, true) },
  };
};

const moduleOf = (model: ModuleModel, world: World, folder: string): SchemaModule => {
  const values = new Values(model, world);
  const loaders = loadersOf(values);
  const text = sdlOf(model);
  const module: SchemaModule = {
    ...basisOf(model),
    typeDefs: { text, file: join(folder, `${model.name}.graphql`) },
    upstreams: {},
    loaders: () => loaders,
    resolvers: { ...leavesOf(model), ...fieldsOf(values, false) },
  };
  return model.isService ? overService(module, values, folder) : module;
};

/** Modules of one side, with the services that provide fields of some of them. */
export interface Side {
  readonly modules: readonly SchemaModule[];
  readonly world: World;
  readonly connect: (module: SchemaModule) => Send;
}

const worldOf = ({ seed, modules }: Model): World =>
  new World(seed, new Set(modules.flatMap(({ name, isService }) => (isService ? [name] : []))));

/** Modules with a world of their own, so that calls of one side are not visible to the other. */
export const modulesOf = (model: Model, folder: string): Side => {
  const world = worldOf(model);
  const modules = model.modules.map((module) => moduleOf(module, world, folder));
  const services = new Map(
    model.modules.flatMap((one) => (one.isService ? [[one.name, serviceOf(new Values(one, world))] as const] : [])),
  );
  return {
    modules,
    world,
    connect: ({ name }) => {
      const send = services.get(name);
      if (send === undefined) throw new Error(`The module ${name} has no upstreams.`);
      return send;
    },
  };
};

/** The modules of the reference: none has a service, and every object type has its own resolvers. */
export const plainModulesOf = (model: Model): Pick<Side, 'modules' | 'world'> => {
  const world = worldOf(model);
  return { modules: model.modules.map((module) => plainModule(module, world)), world };
};
