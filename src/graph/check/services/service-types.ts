import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLType,
  getNamedType,
  type InputValueDefinitionNode,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isScalarType,
  isSpecifiedScalarType,
  Kind,
  type TypeNode,
} from 'graphql';
import { isLoaded } from '../../../backend/define/loaded.ts';
import { isEnumeration } from '../../../backend/define/scalars/enumeration.ts';
import { keyFields } from '../../../backend/merge/entity-keys.ts';
import type { GraphqlService } from '../../../backend/remote/service.ts';
import { nearestSuggestion } from '../../../core/suggest.ts';
import { namedType } from '../../compose/sdl.ts';
import { inIndex, inSdl, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';
import type { TypeKind } from '../type-summary.ts';

const BUILT_IN: ReadonlySet<string> = new Set(['ID', 'String', 'Int', 'Float', 'Boolean']);

/** Built-in scalars with the same values in JSON. */
const SAME: ReadonlySet<string> = new Set(['ID String', 'String ID', 'Int Float', 'Float Int', 'Int ID', 'ID Int']);

const nullable = (type: TypeNode): TypeNode => (type.kind === Kind.NON_NULL_TYPE ? type.type : type);

/** Depth of lists in a type of the SDL, and in a type of a service. */
const depthOf = (type: TypeNode): number => {
  const bare = nullable(type);
  return bare.kind === Kind.LIST_TYPE ? 1 + depthOf(bare.type) : 0;
};

const depthIn = (type: GraphQLType): number => {
  if (isNonNullType(type)) return depthIn(type.ofType);
  return isListType(type) ? 1 + depthIn(type.ofType) : 0;
};

const kindOf = (type: GraphQLNamedType): TypeKind => {
  if (isObjectType(type)) return 'type';
  if (isInputObjectType(type)) return 'input';
  if (isEnumType(type)) return 'enum';
  return isScalarType(type) ? 'scalar' : 'interface';
};

const hinted = (fix: string, name: string, names: readonly string[]): string => {
  const meant = nearestSuggestion(name, names);
  return meant === null ? fix : `${fix} (did you mean ${meant})`;
};

/** Compares the types of a module that one service provides with the types of the service. */
export class ServiceTypes {
  readonly #reading: ParsedModule;
  readonly #service: GraphqlService;
  readonly #seen = new Set<string>();
  readonly problems: ModuleProblem[] = [];

  constructor(reading: ParsedModule, service: GraphqlService) {
    this.#reading = reading;
    this.#service = service;
  }

  /** Compares a field of a module with a field of the service: its arguments, its type, and the types below it. */
  field(
    at: string,
    node: { readonly type: TypeNode; readonly arguments?: readonly InputValueDefinitionNode[] | undefined },
    inService: { readonly type: GraphQLOutputType; readonly args: readonly GraphQLArgument[] },
  ): void {
    this.#arguments(at, node.arguments ?? [], inService.args);
    this.#type(at, node.type, inService.type);
  }

  /** Compares an object type that the service provides. */
  object(type: string): void {
    if (this.#seen.has(type)) return;
    this.#seen.add(type);
    const view = this.#reading.types.get(type);
    const { resolvers, merge } = this.#reading.module;
    const own = Object.hasOwn(resolvers, type) ? resolvers[type] : {};
    const entity = Object.hasOwn(merge, type) ? merge[type] : undefined;
    const keys = entity === undefined ? [] : keyFields(entity);
    for (const [name, node] of view?.fields ?? []) {
      const at = `${type}.${name}`;
      const inService = this.#service.field(type, name);
      if (Object.hasOwn(Object(own), name)) this.#resolver(type, name, Reflect.get(Object(own), name));
      else if (inService !== undefined) this.field(at, node, inService);
      else if (!keys.includes(name)) {
        const fix = `correct the name, add it to types of ${this.#service.upstream}, or write a resolver`;
        const other = this.#service.fieldName(type, name);
        const what = other === name ? at : `${at}, which types of ${this.#service.upstream} names ${other},`;
        this.#add(node.name, `${what} is not in ${this.#named(type)}`, this.#hinted(fix, type, other));
      }
    }
  }

  #add(node: Parameters<typeof inSdl>[1], problem: string, fix: string): void {
    this.problems.push(inSdl(this.#reading, node, problem, fix));
  }

  /** `Comment of the service reviews` */
  #named(type: string): string {
    return `${this.#service.typeName(type)} of the service ${this.#service.upstream}`;
  }

  #hinted(fix: string, type: string, field: string): string {
    const named = this.#service.schema.getType(this.#service.typeName(type));
    return hinted(fix, field, isObjectType(named) ? Object.keys(named.getFields()) : []);
  }

  /** A function reads its row, which has the requested fields only. */
  #resolver(type: string, field: string, resolver: unknown): void {
    const reads = this.#service.reads(type, field);
    for (const name of reads ?? [])
      if (this.#reading.types.get(type)?.fields.has(name) !== true)
        this.problems.push(
          inIndex(
            this.#reading,
            `reads of ${type}.${field} has ${name}, a field that ${type} does not have`,
            'correct the name, or add the field to the SDL',
          ),
        );
    if (isLoaded(resolver) ? typeof resolver.key !== 'function' : typeof resolver !== 'function') return;
    if (reads !== null) return;
    const problem = `${type}.${field} is computed from rows of the service ${this.#service.upstream}, which have the requested fields only`;
    const fix = `name the fields that it reads in types of ${this.#service.upstream}: { ${type}: { reads: { ${field}: ['id'] } } }`;
    this.problems.push(inIndex(this.#reading, problem, fix));
  }

  #type(at: string, node: TypeNode, inService: GraphQLOutputType): void {
    const named = getNamedType(inService);
    if (depthOf(node) !== depthIn(inService)) this.#differ(at, node, inService);
    else this.#namedType(at, node, named, inService);
  }

  #differ(at: string, node: TypeNode, inService: unknown): void {
    const problem = `${at} is ${inService} in the service ${this.#service.upstream}`;
    this.#add(node, problem, 'use the same type and lists here');
  }

  #namedType(at: string, node: TypeNode, named: GraphQLNamedType, inService: unknown): void {
    const name = namedType(node);
    if (BUILT_IN.has(name)) {
      const isSame = name === named.name || SAME.has(`${name} ${named.name}`);
      if (!isScalarType(named) || (isSpecifiedScalarType(named) && !isSame)) this.#differ(at, node, inService);
      return;
    }
    const view = this.#reading.types.get(name);
    // A scalar of the gateway, or an unknown type that is reported by itself.
    if (view === undefined || view.kind === 'scalar') {
      if (!isScalarType(named) && view !== undefined) this.#differ(at, node, inService);
      return;
    }
    const kind = view.kind === 'union' ? 'interface' : view.kind;
    if (kind !== kindOf(named) || this.#service.typeName(name) !== named.name) this.#wrongName(at, node, name, named);
    else this.#below(name, named);
  }

  #wrongName(at: string, node: TypeNode, name: string, named: GraphQLNamedType): void {
    const problem = `${at} is ${named.name} in the service ${this.#service.upstream}, not ${this.#service.typeName(name)}`;
    this.#add(node, problem, `declare the name: types: { ${name}: { from: '${named.name}' } }`);
  }

  #below(name: string, named: GraphQLNamedType): void {
    if (isObjectType(named)) this.object(name);
    else if (isEnumType(named)) this.#values(name, new Set(named.getValues().map((value) => value.name)));
    else if (isInputObjectType(named)) this.#input(name, Object.values(named.getFields()));
    else if (isAbstractType(named)) this.#possibleTypes(name, named);
  }

  #values(name: string, known: ReadonlySet<string>): void {
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    const declared = Object.hasOwn(this.#reading.module.resolvers, name) ? this.#reading.module.resolvers[name] : null;
    const values: Readonly<Record<string, unknown>> = isEnumeration(declared) ? declared.values : {};
    for (const value of this.#reading.types.get(name)?.content.keys() ?? []) {
      const sent = Object.hasOwn(values, value) ? values[value] : value;
      if (known.has(String(sent))) continue;
      const fix = `remove it, or give its name in the service with enumeration({ ${value}: … })`;
      const problem = `${name}.${value} is not a value of ${this.#named(name)}`;
      this.#add(this.#reading.types.get(name)?.node ?? null, problem, hinted(fix, String(sent), [...known]));
    }
  }

  #input(name: string, inService: readonly GraphQLInputField[]): void {
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    const nodes = this.#reading.sdl.is === 'read' ? this.#reading.sdl.sdl.document.definitions : [];
    const fields = nodes.flatMap((node) =>
      (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION || node.kind === Kind.INPUT_OBJECT_TYPE_EXTENSION) &&
      node.name.value === name
        ? (node.fields ?? [])
        : [],
    );
    this.#inputs(name, fields, inService, (field) => this.#service.fieldName(name, field), isRequiredInputField);
  }

  #arguments(at: string, given: readonly InputValueDefinitionNode[], inService: readonly GraphQLArgument[]): void {
    this.#inputs(at, given, inService, (name) => name, isRequiredArgument);
  }

  #inputs<Input extends GraphQLArgument | GraphQLInputField>(
    at: string,
    given: readonly InputValueDefinitionNode[],
    inService: readonly Input[],
    nameOf: (name: string) => string,
    isRequired: (input: Input) => boolean,
  ): void {
    const sent = new Set<string>();
    for (const node of given) {
      const name = nameOf(node.name.value);
      sent.add(name);
      const place = `${at}(${node.name.value})`;
      const other = inService.find((one) => one.name === name);
      if (other === undefined) {
        const fix = hinted(
          'use the name of the service, or remove it',
          name,
          inService.map((one) => one.name),
        );
        this.#add(node.name, `${place} is not in the service ${this.#service.upstream}`, fix);
      } else if (isRequired(other) && node.type.kind !== Kind.NON_NULL_TYPE && node.defaultValue === undefined)
        this.#add(node.type, `${place} is required in the service ${this.#service.upstream}`, 'add "!", or a default');
      else this.#inputType(place, node.type, other.type);
    }
    for (const other of inService)
      if (isRequired(other) && !sent.has(other.name))
        this.#add(
          given[0]?.name ?? this.#nodeAt(at),
          `${at} has no ${other.name}, which the service ${this.#service.upstream} requires`,
          `add ${other.name}: ${other.type}`,
        );
  }

  /** The name of a field, `Query.review`, or of a type. */
  #nodeAt(at: string): Parameters<typeof inSdl>[1] {
    const [type = '', field = ''] = at.split('.');
    const view = this.#reading.types.get(type);
    return view?.fields.get(field)?.name ?? view?.node ?? null;
  }

  #inputType(at: string, node: TypeNode, inService: GraphQLInputType): void {
    // A single value is a list of one (GraphQL specification, 3.11).
    if (depthOf(node) > depthIn(inService)) this.#differ(at, node, inService);
    else this.#namedType(at, node, getNamedType(inService), inService);
  }

  #possibleTypes(name: string, named: GraphQLNamedType): void {
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    const view = this.#reading.types.get(name);
    const members = view?.kind === 'union' ? [...view.related] : this.#implementing(name);
    for (const member of members) {
      const inService = this.#service.schema.getType(this.#service.typeName(member));
      const isPossible =
        isObjectType(inService) && isAbstractType(named) && this.#service.schema.isSubType(named, inService);
      if (isPossible) this.object(member);
      else {
        const problem = `${member} is a type of ${name}, but ${this.#named(member)} is not one of ${named.name}`;
        this.#add(
          this.#reading.types.get(member)?.node ?? null,
          problem,
          `remove it from ${name}, or declare its name in types`,
        );
      }
    }
  }

  #implementing(name: string): readonly string[] {
    return [...this.#reading.types].flatMap(([type, { kind, related }]) =>
      kind === 'type' && related.has(name) ? [type] : [],
    );
  }
}
