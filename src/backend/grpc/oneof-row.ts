/** Type of the row for each member: its name, or its name and the field that has the value of a scalar. */
type Cases<Message> = { readonly [Member in keyof Message]?: string | readonly [type: string, field: string] };

type RowOf<Value, Case> = Case extends string
  ? NonNullable<Value> & { readonly __typename: Case }
  : Case extends readonly [infer Name extends string, infer Field extends string]
    ? { readonly __typename: Name } & { readonly [Each in Field]: NonNullable<Value> }
    : never;

/** Union of the rows of all cases. */
export type OneofRow<Message, Given> = {
  [Member in keyof Given & keyof Message]: RowOf<Message[Member], Given[Member]>;
}[keyof Given & keyof Message];

/**
 * Returns the row of the member of a oneof that is set, for a field with a union or an interface:
 * `oneofRow(book, { paper: 'Paper', audio: ['Audio', 'url'] })`. A name is for a member that is a message; its fields
 * are copied next to `__typename`. A scalar has a name and a field: `{ __typename: 'Audio', url: 'a.mp3' }`. Null if
 * none of the members is set.
 */
export const oneofRow = <Message extends object, const Given extends Cases<Message>>(
  message: Message,
  cases: Given,
): OneofRow<Message, Given> | null => {
  for (const [member, type] of Object.entries<string | readonly [string, string] | undefined>(cases)) {
    const value: unknown = Object.hasOwn(message, member) ? Reflect.get(message, member) : null;
    if (value === null || value === undefined || type === undefined) continue;
    const row: unknown =
      typeof type === 'string' ? { ...value, __typename: type } : { [type[1]]: value, __typename: type[0] };
    // The row of this member, which is one of the union.
    return row as OneofRow<Message, Given>;
  }
  return null;
};
