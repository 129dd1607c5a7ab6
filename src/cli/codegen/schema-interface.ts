import {
  type GraphQLField,
  type GraphQLObjectType,
  isAbstractType,
  isEnumType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { interfaceOf, type PropertyLayout, type TypeLayout } from './layout.ts';
import type { NeededTypes } from './needed-types.ts';
import type { ProtoService } from './proto/proto.ts';
import type { ProtoTypes } from './proto/proto-types.ts';
import type { ParsedSdl } from './sdl/sdl.ts';
import { docOf, ownTypes, possibleTypes, received } from './sdl/sdl-declarations.ts';
import { rootTypes, type SdlTypes } from './sdl/sdl-types.ts';

const open = (members: readonly PropertyLayout[]): TypeLayout => ({ members, open: members.length > 0 });

const literals = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(' | ') || 'never';

/** Directives that admit no anonymous caller. Required scopes imply an authenticated one. */
const AUTHENTICATED: ReadonlySet<string> = new Set(['authenticated', 'requiresScopes']);

const isAuthenticated = ({ astNode }: GraphQLField<unknown, unknown>): boolean =>
  astNode?.directives?.some(({ name }) => AUTHENTICATED.has(name.value)) === true;

const field = (of: GraphQLField<unknown, unknown>, types: SdlTypes, isRoot: boolean): PropertyLayout => ({
  name: of.name,
  type: {
    members: [
      { name: 'args', type: { members: of.args.map((arg) => received(arg, types)) } },
      { name: 'result', type: types.output(of.type) },
      ...(isAuthenticated(of) ? [{ name: 'caller', type: "'user'" }] : []),
    ],
  },
  // Fields of other objects are documented at their source.
  doc: isRoot ? docOf(of) : null,
});

const object = (type: GraphQLObjectType, types: SdlTypes, isRoot: boolean): PropertyLayout => ({
  name: type.name,
  type: open([
    { name: 'source', type: isRoot ? 'unknown' : types.source(type.name) },
    { name: 'fields', type: open(Object.values(type.getFields()).map((each) => field(each, types, isRoot))) },
  ]),
});

const service = ({ name, doc, methods }: ProtoService, types: ProtoTypes): PropertyLayout => ({
  name,
  doc,
  type: open(
    methods.map((method) => ({
      name: method.name,
      doc: method.doc,
      type: {
        members: [
          { name: 'request', type: types.written(method.request) },
          { name: 'response', type: types.read(method.response) },
          ...(method.streams ? [{ name: 'stream', type: 'true' }] : []),
          ...(method.clientStreams ? [{ name: 'clientStream', type: 'true' }] : []),
        ],
      },
    })),
  ),
});

const needed = (needs: NeededTypes): PropertyLayout[] =>
  Object.entries(needs).map(([type, fields]) => ({
    name: type,
    type: open(
      Object.entries(fields).map(([name, values]) => ({
        name,
        type: { members: Object.entries(values).map(([value, of]) => ({ name: value, type: of })) },
      })),
    ),
  }));

/**
 * Declares the rows of types that have the name of a message in answers, for `Schema<MessageRows>`; empty if there are
 * none.
 */
export const messageRows = (sdl: ParsedSdl, { answers }: ProtoTypes, name: string): string[] => {
  const rows = ownTypes(sdl)
    .filter(isObjectType)
    .flatMap((type) => {
      const message = answers.get(type.name);
      return message === undefined ? [] : { name: type.name, type: message };
    });
  return rows.length === 0
    ? []
    : [interfaceOf(name, rows, 'Messages as rows of the types with their names, for `Schema<MessageRows>`.')];
};

/** Declares the type `Schema` of a module, which `defineBackend` checks its value against. */
export const schemaInterface = (
  sdl: ParsedSdl,
  services: readonly ProtoService[],
  needs: NeededTypes,
  { sdlTypes, protoTypes }: { readonly sdlTypes: SdlTypes; readonly protoTypes: ProtoTypes },
): string => {
  const own = ownTypes(sdl);
  const roots = rootTypes(sdl.schema);
  const objects = own.filter((type) => isObjectType(type)).filter((type) => type !== sdl.schema.getSubscriptionType());
  const abstracts = own
    .filter((type) => isAbstractType(type))
    .map((type) => ({ name: type.name, type: literals(possibleTypes(type, sdl)) }));
  const enums = own.filter(isEnumType).map(({ name }) => ({
    name,
    type: {
      members: [
        { name: 'name', type: sdlTypes.declared(name) },
        { name: 'internal', type: sdlTypes.source(name) },
      ],
    },
  }));
  const members: PropertyLayout[] = [
    { name: 'objects', type: open(objects.map((type) => object(type, sdlTypes, roots.has(type)))) },
    { name: 'abstracts', type: open(abstracts) },
    { name: 'enums', type: open(enums) },
    { name: 'scalars', type: literals(own.filter(isScalarType).map(({ name }) => name)) },
    { name: 'needs', type: open(needed(needs)) },
    { name: 'services', type: open(services.map((each) => service(each, protoTypes))) },
  ];
  // Callers may pass the parameter even if nothing here uses it; the underscore allows that under noUnusedParameters.
  const rows = enums.length > 0 || objects.some((type) => !roots.has(type)) ? 'Rows' : '_Rows';
  return interfaceOf(
    `Schema<${rows} = {}>`,
    members,
    'Everything that this module declares, for `defineBackend<Schema>()`.',
  );
};
