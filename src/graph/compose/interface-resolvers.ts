import { isScalarType, Kind } from 'graphql';
import type { AnyField, SchemaModule } from '../../backend/define/module.ts';
import { isEnumeration } from '../../backend/define/scalars/enumeration.ts';
import type { ModuleSdl } from './sdl.ts';

type Fields = Readonly<Record<string, AnyField>>;

const fieldsIn = (resolvers: SchemaModule['resolvers'], type: string): Fields => {
  const declared = Object.hasOwn(resolvers, type) ? resolvers[type] : undefined;
  return declared === undefined || isScalarType(declared) || isEnumeration(declared) ? {} : declared;
};

/** Names of the interfaces of the SDL, and those that each object type implements, extensions included. */
const interfacesIn = ({ document }: ModuleSdl) => {
  const interfaces = new Set<string>();
  const implemented = new Map<string, Set<string>>();
  for (const node of document.definitions)
    if (node.kind === Kind.INTERFACE_TYPE_DEFINITION) interfaces.add(node.name.value);
    else if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION) {
      const known = implemented.get(node.name.value) ?? new Set();
      for (const { name } of node.interfaces ?? []) known.add(name.value);
      implemented.set(node.name.value, known);
    }
  return { interfaces, implemented };
};

/**
 * The module with the resolvers of each interface at the object types that implement it, unless a type has its own. All
 * other code finds resolvers at object types only.
 */
export const withInterfaceResolvers = (module: SchemaModule, sdl: ModuleSdl): SchemaModule => {
  const { interfaces, implemented } = interfacesIn(sdl);
  const declared = Object.entries(module.resolvers);
  if (!declared.some(([name]) => interfaces.has(name))) return module;
  const resolvers = Object.fromEntries(declared.filter(([name]) => !interfaces.has(name)));
  for (const [type, names] of implemented) {
    const inherited = [...names].map((name) => (interfaces.has(name) ? fieldsIn(module.resolvers, name) : {}));
    const all = Object.assign({}, ...inherited, fieldsIn(module.resolvers, type));
    if (Object.keys(all).length > 0) resolvers[type] = all;
  }
  return { ...module, resolvers };
};
