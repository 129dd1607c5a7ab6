import type { Parent, SchemaShape } from '../define/schema-types.ts';

/** The object types of an interface or a union. */
export type MembersOf<S extends SchemaShape, Type extends keyof S['abstracts']> = S['abstracts'][Type] &
  keyof S['objects'];

type FieldsOf<S extends SchemaShape, Member> = Member extends keyof S['objects']
  ? S['objects'][Member]['fields']
  : never;

/** Names of the fields that all types have. The start rejects those that the interface itself does not have. */
export type CommonFields<S extends SchemaShape, Type extends keyof S['abstracts']> = [MembersOf<S, Type>] extends [
  never,
]
  ? never
  : keyof FieldsOf<S, MembersOf<S, Type>> & string;

/** A row of any of the types. */
export type MemberParent<S extends SchemaShape, M, Member, Field> = Member extends keyof S['objects']
  ? Parent<S, M, Member, Field>
  : never;

/** Arguments and result of a field: those of any of the types. */
export type MemberField<S extends SchemaShape, Type extends keyof S['abstracts'], Field> = {
  readonly args: FieldPart<S, MembersOf<S, Type>, Field, 'args'>;
  readonly result: FieldPart<S, MembersOf<S, Type>, Field, 'result'>;
};

type FieldPart<S extends SchemaShape, Member, Field, Part extends 'args' | 'result'> = Member extends keyof S['objects']
  ? Field extends keyof S['objects'][Member]['fields']
    ? S['objects'][Member]['fields'][Field][Part]
    : never
  : never;

/** Fields of a type with a resolver of one of its interfaces. */
export type Inherited<S extends SchemaShape, Given, Type> = {
  [Name in keyof Given & keyof S['abstracts']]: Type extends S['abstracts'][Name] ? keyof Given[Name] : never;
}[keyof Given & keyof S['abstracts']];
