import {
  type DocumentNode,
  type FieldNode,
  type InputValueDefinitionNode,
  Kind,
  parse,
  print,
  type TypeNode,
  valueFromASTUntyped,
} from 'graphql';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import type { Policy } from '../../../src/backend/define/schema-types.ts';
import type { Principal } from '../../../src/request/principal.ts';
import { givenTests, type Inputs, type InputTests, type SentVariables } from './given-tests.ts';
import { neededNode } from './needed-node.ts';

type Args = Readonly<Record<string, unknown>>;
export type Test = ((principal: Principal, args: Args) => boolean | Promise<boolean>) & { readonly isPolicy?: boolean };

interface Part {
  readonly module: SchemaModule;
  readonly name: string;
  readonly isInterface: boolean;
  readonly interfaces: readonly string[];
  readonly tests: readonly Test[];
  readonly fields: ReadonlyMap<
    string,
    { readonly tests: readonly Test[]; readonly limit: number | null; readonly type: string; readonly args: Inputs }
  >;
}

type Definition = DocumentNode['definitions'][number];
type Typed = Extract<Definition, { kind: Kind.OBJECT_TYPE_DEFINITION | Kind.INTERFACE_TYPE_DEFINITION }>;
type Directives = Typed['directives'];

const namesOf = (value: unknown): string[][] => value as string[][];

const argumentOf = (directive: NonNullable<Directives>[number], name: string): unknown => {
  const given = directive.arguments?.find((argument) => argument.name.value === name);
  return given === undefined ? undefined : valueFromASTUntyped(given.value);
};

// biome-ignore lint/suspicious/noExplicitAny: the policies of the random modules use no context
const NO_CONTEXT: any = {};

const agrees = async (module: SchemaModule, name: string, principal: Principal, args: Args): Promise<boolean> => {
  if (name.startsWith('role:'))
    return principal.kind === 'user' && principal.roles.includes(name.slice('role:'.length));
  const policy = module.policies[name] as Policy | undefined; // the random modules have no policies of rows
  return (await policy?.(principal, args, NO_CONTEXT)) === true;
};

const testsIn = (module: SchemaModule, directives: Directives): readonly Test[] =>
  (directives ?? []).flatMap((directive): Test[] => {
    switch (directive.name.value) {
      case 'authenticated':
        return [({ kind }) => kind === 'user'];
      case 'requiresScopes': {
        const scopes = namesOf(argumentOf(directive, 'scopes'));
        return [(who) => who.kind === 'user' && scopes.some((all) => all.every((scope) => who.scopes.includes(scope)))];
      }
      case 'policy': {
        const [[name = ''] = []] = namesOf(argumentOf(directive, 'policies'));
        return [Object.assign((who: Principal, args: Args) => agrees(module, name, who, args), { isPolicy: true })];
      }
      default:
        return [];
    }
  });

const limitIn = (directives: Directives): number | null => {
  const limit = directives?.find(({ name }) => name.value === 'rateLimit');
  return limit === undefined ? null : Number(argumentOf(limit, 'limit'));
};

const typeName = (type: TypeNode): string => print(type).replaceAll(/\W/g, '');

const inputsOf = (module: SchemaModule, nodes: readonly InputValueDefinitionNode[]): Inputs =>
  new Map(
    nodes.map(({ name, type, directives }) => [
      name.value,
      { type: typeName(type), tests: testsIn(module, directives) },
    ]),
  );

/** The shared inputs: every module that has them declares the same. */
const inputTypesIn = (module: SchemaModule): readonly (readonly [string, Inputs])[] =>
  parse(module.typeDefs.text).definitions.flatMap((node) =>
    node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION
      ? [[node.name.value, inputsOf(module, node.fields ?? [])] as const]
      : [],
  );

const enumTestsIn = (module: SchemaModule): readonly (readonly [string, readonly Test[]])[] =>
  parse(module.typeDefs.text).definitions.flatMap((node) =>
    node.kind === Kind.ENUM_TYPE_DEFINITION ? [[node.name.value, testsIn(module, node.directives)] as const] : [],
  );

const partsOf = (module: SchemaModule): Part[] =>
  parse(module.typeDefs.text).definitions.flatMap((node) => {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) return [];
    const fields = (node.fields ?? []).map(
      ({ name, directives, type, arguments: args = [] }) =>
        [
          name.value,
          {
            tests: testsIn(module, directives),
            limit: limitIn(directives),
            type: typeName(type),
            args: inputsOf(module, args),
          },
        ] as const,
    );
    return {
      module,
      name: node.name.value,
      isInterface: node.kind === Kind.INTERFACE_TYPE_DEFINITION,
      interfaces: (node.interfaces ?? []).map(({ name }) => name.value),
      tests: testsIn(module, node.directives),
      fields: new Map(fields),
    };
  });

interface ReadField {
  readonly type: string;
  readonly field: string;
  readonly node?: FieldNode;
}

const NO_VARIABLES: SentVariables = { sent: {}, definitions: [] };

export interface Permission {
  readonly tests: readonly Test[];
  readonly limit: number | null;
}

/** Requirements of each field, read from the SDL of all modules. */
export class Permissions {
  readonly #parts: readonly Part[];
  readonly #modules: readonly SchemaModule[];
  readonly #inputs: ReadonlyMap<string, Inputs>;
  readonly #enums: ReadonlyMap<string, readonly Test[]>;
  readonly #known = new Map<string, Permission>();

  constructor(modules: readonly SchemaModule[]) {
    this.#modules = modules;
    this.#parts = modules.flatMap(partsOf);
    this.#enums = new Map(modules.flatMap(enumTestsIn));
    this.#inputs = new Map(modules.flatMap(inputTypesIn));
  }

  of(type: string, field: string): Permission {
    const coordinate = `${type}.${field}`;
    const known = this.#known.get(coordinate);
    if (known !== undefined) return known;
    const own = this.#parts.filter((part) => part.name === type && !part.isInterface);
    const needs = this.#modules.flatMap(({ merge }) => merge[type]?.needs?.[field] ?? []);
    const read: readonly ReadField[] = [
      { type, field },
      ...needs.flatMap((text) => this.#readBy(type, neededNode(text))),
    ];
    const all = read.flatMap((one) => [
      ...this.#testsOf(one.type, one.field),
      ...(one.node === undefined ? [] : this.given(one.type, one.field, one.node, NO_VARIABLES)),
    ]);
    // Policies are called last: they may be slow.
    const tests = [...all.filter(({ isPolicy }) => isPolicy !== true), ...all.filter(({ isPolicy }) => isPolicy)];
    const limit = own.reduce<number | null>((found, { fields }) => found ?? fields.get(field)?.limit ?? null, null);
    const permission = { tests, limit };
    this.#known.set(coordinate, permission);
    return permission;
  }

  /** The tests of the inputs that a field of an operation gives. */
  given(type: string, field: string, node: FieldNode, variables: SentVariables): readonly Test[] {
    const args = new Map<string, InputTests>();
    for (const part of this.#partsWith(type, field))
      for (const [name, one] of part.fields.get(field)?.args ?? []) {
        const ofEnum = this.#enums.get(one.type) ?? [];
        args.set(name, { type: one.type, tests: [...(args.get(name)?.tests ?? []), ...one.tests, ...ofEnum] });
      }
    return givenTests(node, args, this.#inputs, variables);
  }

  #readBy(type: string, node: FieldNode): readonly ReadField[] {
    const { name, selectionSet } = node;
    const field = name.value;
    const returned = this.#parts.flatMap((part) => (part.name === type ? (part.fields.get(field)?.type ?? []) : []));
    const below = (selectionSet?.selections ?? []).filter((one) => one.kind === Kind.FIELD);
    return [{ type, field, node }, ...below.flatMap((one) => this.#readBy(returned[0] ?? '', one))];
  }

  #testsOf(type: string, field: string): readonly Test[] {
    return this.#partsWith(type, field).flatMap(({ tests, fields }) => {
      const found = fields.get(field);
      return [...tests, ...(found?.tests ?? []), ...(this.#enums.get(found?.type ?? '') ?? [])];
    });
  }

  #partsWith(type: string, field: string): readonly Part[] {
    const own = this.#parts.filter((part) => part.name === type);
    const above = new Set(own.flatMap(({ interfaces }) => interfaces));
    return [...own, ...this.#parts.filter(({ name, fields }) => above.has(name) && fields.has(field))];
  }
}
