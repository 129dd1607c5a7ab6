import { type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import { isLoaded } from '../../../backend/define/loaded.ts';
import { entityKeys } from '../../../backend/merge/entity-keys.ts';
import { isRemote, type Remote } from '../../../backend/remote/remote.ts';
import type { RemoteLoad } from '../../../backend/remote/remote-load.ts';
import { GraphqlService } from '../../../backend/remote/service.ts';
import { serviceSchema } from '../../../backend/remote/service-schema.ts';
import { nearestSuggestion } from '../../../core/suggest.ts';
import { namedType } from '../../compose/sdl.ts';
import { inIndex, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';
import { wrongServiceSdl } from './service-sdl.ts';
import { ServiceTypes } from './service-types.ts';

const suggested = (name: string, names: readonly string[], otherwise: string): string => {
  const meant = nearestSuggestion(name, names);
  return meant === null ? otherwise : `use ${meant}`;
};

/** Checks the fields and loaders of one module that GraphQL services provide. */
class RemoteCheck {
  readonly #reading: ParsedModule;
  readonly #services = new Map<string, ServiceTypes>();
  readonly #schemas = new Map<string, GraphQLSchema>();
  readonly problems: ModuleProblem[] = [];

  constructor(reading: ParsedModule) {
    this.#reading = reading;
    for (const [name, definition] of Object.entries(reading.module.upstreams)) {
      if (definition.protocol !== 'graphql' || wrongServiceSdl(reading, name, definition).length > 0) continue;
      if (typeof definition.schema !== 'string' || definition.schema === '') continue;
      const schema = serviceSchema(reading.module, definition);
      this.#schemas.set(name, schema);
      this.#services.set(name, new ServiceTypes(reading, new GraphqlService(name, definition, schema, reading.module)));
    }
  }

  all(): readonly ModuleProblem[] {
    const { module, loaders } = this.#reading;
    for (const [type, own] of Object.entries(module.resolvers))
      for (const [field, resolver] of Object.entries(own)) {
        if (isRemote(resolver)) this.#root(type, field, resolver);
        if (isLoaded(resolver)) this.#loaded(type, field, resolver.loader, resolver.map);
      }
    const batches = loaders.is === 'made' ? loaders.batches : {};
    for (const [name, { remote }] of Object.entries(batches)) if (remote !== undefined) this.#loader(name, remote);
    return [...this.problems, ...[...this.#services.values()].flatMap(({ problems }) => problems)];
  }

  #add(problem: string, fix: string): void {
    this.problems.push(inIndex(this.#reading, problem, fix));
  }

  /** True for a GraphQL upstream. Reports any other name. */
  #isUpstream(at: string, upstream: string): boolean {
    const { upstreams } = this.#reading.module;
    if (Object.hasOwn(upstreams, upstream) && upstreams[upstream]?.protocol === 'graphql') return true;
    const names = Object.keys(upstreams).filter((name) => upstreams[name]?.protocol === 'graphql');
    this.#add(
      `${at} is of "${upstream}", which is no GraphQL upstream`,
      suggested(upstream, names, 'add it to upstreams: graphql({ … })'),
    );
    return false;
  }

  #root(type: string, field: string, { remote, field: renamed }: Remote): void {
    const at = `${type}.${field}`;
    if (type !== 'Query' && type !== 'Mutation') {
      this.#add(
        `${at} is remote(…), which is for fields of Query and Mutation`,
        'use loaded(…) or merge with a remoteBatch(…)',
      );
      return;
    }
    if (!this.#isUpstream(at, remote)) return;
    const schema = this.#schemas.get(remote);
    const node = this.#reading.types.get(type)?.fields.get(field);
    if (schema === undefined || node === undefined) return;
    const fields = (type === 'Query' ? schema.getQueryType() : schema.getMutationType())?.getFields() ?? {};
    const name = renamed ?? field;
    const inService = fields[name];
    if (inService === undefined)
      this.#add(
        `${at} is not in the service ${remote}: it has no ${type}.${name}`,
        suggested(name, Object.keys(fields), `name its field: remote('${remote}', '…')`),
      );
    else this.#services.get(remote)?.field(at, node, inService);
  }

  #loaded(type: string, field: string, loader: string, map: unknown): void {
    const { loaders } = this.#reading;
    const remote = loaders.is === 'made' ? loaders.batches[loader]?.remote : undefined;
    if (remote === undefined) return;
    const at = `${type}.${field}`;
    if (map !== undefined)
      this.#add(
        `${at}: loaded('${loader}') has a function, but the rows have the fields that are selected below ${at}`,
        'remove the function',
      );
  }

  /** The types of the module for the rows that a loader returns. */
  #typesOf(loader: string): readonly string[] {
    const { module, types } = this.#reading;
    const merged = Object.entries(module.merge).flatMap(([type, merge]) =>
      entityKeys(merge).some(({ load }) => load === loader) ? [type] : [],
    );
    const loaded = Object.entries(module.resolvers).flatMap(([type, own]) =>
      Object.entries(own).flatMap(([field, resolver]) => {
        const node = types.get(type)?.fields.get(field);
        return isLoaded(resolver) && resolver.loader === loader && node !== undefined ? [namedType(node.type)] : [];
      }),
    );
    return [...new Set([...merged, ...loaded])];
  }

  #loader(name: string, { upstream, by, keys }: RemoteLoad): void {
    const at = `the loader ${name}`;
    if (!this.#isUpstream(at, upstream)) return;
    const schema = this.#schemas.get(upstream);
    if (schema === undefined) return;
    const type = by.is === 'entities' ? this.#entity(at, schema, by.type) : this.#listField(at, schema, by, upstream);
    if (type === null) return;
    const named = schema.getType(type);
    const fields = isObjectType(named) ? Object.keys(named.getFields()) : [];
    for (const key of keys)
      if (!fields.includes(key))
        this.#add(
          `${at} has the key ${key}, which ${type} of the service ${upstream} does not have`,
          suggested(key, fields, 'set key to a field of the service'),
        );
    for (const own of this.#typesOf(name)) this.#row(at, own, type, upstream);
  }

  #row(at: string, own: string, type: string, upstream: string): void {
    const definition = this.#reading.module.upstreams[upstream];
    if (definition?.protocol !== 'graphql') return;
    const expected = definition.types?.[own]?.from ?? own;
    if (expected === type) this.#services.get(upstream)?.object(own);
    else
      this.#add(
        `${at} returns ${type} of the service ${upstream} for ${own}`,
        `declare the name: types: { ${own}: { from: '${type}' } }`,
      );
  }

  #entity(at: string, schema: GraphQLSchema, type: string): string | null {
    if (isObjectType(schema.getType(type))) return type;
    const names = Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .map(({ name }) => name);
    this.#add(`${at} loads ${type}, a type that the service does not have`, suggested(type, names, 'correct entities'));
    return null;
  }

  #listField(
    at: string,
    schema: GraphQLSchema,
    { field, argument }: { readonly field: string; readonly argument: string },
    upstream: string,
  ): string | null {
    const fields = schema.getQueryType()?.getFields() ?? {};
    const definition = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (definition === undefined) {
      this.#add(
        `${at} calls Query.${field}, which the service ${upstream} does not have`,
        suggested(field, Object.keys(fields), 'correct field'),
      );
      return null;
    }
    const names = definition.args.map(({ name }) => name);
    if (!names.includes(argument))
      this.#add(
        `${at} passes keys as ${argument}, an argument that Query.${field} of the service ${upstream} does not have`,
        suggested(argument, names, 'correct argument'),
      );
    return getNamedType(definition.type).name;
  }
}

/** Reports fields and loaders that a GraphQL service does not provide as declared. */
export const wrongRemoteFields = (reading: ParsedModule): readonly ModuleProblem[] => new RemoteCheck(reading).all();
