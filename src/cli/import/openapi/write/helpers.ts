/** Functions of a generated file, by name. Each is written if it is used. */
export const HELPERS: Readonly<Record<string, string>> = {
  id: `/** An id is text in the graph, and text or a number in the backend. */
const id = z.union([z.string(), z.number()]).transform(String);`,

  reference: `/** The id of an object that the backend returns as an id or as a whole. */
const reference = z
  .union([z.string(), z.looseObject({ id: z.string() })])
  .transform((value) => (typeof value === 'string' ? value : value.id));`,

  text: `/** Text of a value with several types. */
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);`,

  integer: `/** Above 2^53, integers of a response are the text of their digits. */
const integer = z.union([z.int(), z.string().regex(/^-?\\d+$/)]);`,

  enumValue: `/** A value that the contract does not list fails its field, and not the response. */
const enumValue = <Value>() => z.custom<Value>((value) => typeof value === 'string');`,

  listOf: `/** A list, or one item in place of it. */
const listOf = <Item>(item: z.ZodType<Item>) =>
  z.preprocess((value) => (Array.isArray(value) || value === undefined || value === null ? value : [value]), z.array(item));`,

  member: `/** A member of a union: a row in which \`property\` has one of the values, or any value (null). */
const member = <Fields extends object, const Name extends string>(
  name: Name,
  property: string | null,
  values: readonly string[] | null,
  row: z.ZodType<Fields>,
) => {
  const isMember = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    (property === null ||
      (Object.hasOwn(value, property) && (values === null || values.includes(String(Reflect.get(value, property))))));
  return z
    .unknown()
    .refine(isMember)
    .pipe(row)
    .transform((fields) => ({ ...fields, __typename: name }));
};`,

  renamed: `/** Gives properties of a response the names of the SDL. Others stay as they are. */
const renamed =
  (names: Readonly<Record<string, string>>) =>
  (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const named = Object.entries(value).map(([name, of]) => [Object.hasOwn(names, name) ? names[name] : name, of]);
    return Object.fromEntries(named);
  };`,

  sentAs: `/** Gives fields of an input the names of the contract. Others stay as they are. */
const sentAs =
  (names: Readonly<Record<string, string>>) =>
  (input: object): object =>
    Object.fromEntries(
      Object.entries(input).map(([name, value]) => [Object.hasOwn(names, name) ? names[name] : name, value]),
    );`,

  chosen: `/** The value of the only field that is set. */
const chosen = (input: object): object => Object(Object.values(input).find((value) => value !== null && value !== undefined));`,

  toMap: `/** An object of the entries of an input. */
const toMap = (list: readonly { readonly key: string; readonly value: unknown }[]): object =>
  Object.fromEntries(list.map(({ key, value }) => [key, value]));`,

  uploaded: `/** A file as clients send it. */
interface Upload {
  readonly content: Uint8Array;
  readonly name?: string | null;
  readonly type?: string | null;
}

const uploaded = ({ content, name, type }: Upload) =>
  file({ content, name: name ?? 'file', ...(type ? { type } : {}) });`,

  day: `/** A date without a time, as the backend reads it. */
const day = z.date().transform((date) => date.toISOString().slice(0, 10));`,

  dayOf: `/** A date without a time, as the backend reads it. */
const dayOf = (date: Date | null | undefined): string | undefined => date?.toISOString().slice(0, 10);`,
};
