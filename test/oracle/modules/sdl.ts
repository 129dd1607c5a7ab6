import { type FieldModel, type Model, type ModuleModel, printed } from './model.ts';

const SHARED_SDL = `
enum Status { PAID OPEN LOST }
enum Color @authenticated { RED GREEN }
scalar Stamp
input Filter { n: Int = 2, text: String @requiresScopes(scopes: [["s1"], ["s2"]]), status: Status = OPEN, stamps: [Stamp!], deep: Filter }
input By @oneOf { id: ID, name: String @authenticated, status: Status, filter: Filter }
input Usual { big: BigInt, at: DateTime, day: Date, mail: EmailAddress, link: URL, uuid: UUID, json: JSON, need: [[Stamp!]!] }
`;

const fieldSdl = ({ name, args, type, directives }: FieldModel): string =>
  [`${name}${args.length > 0 ? `(${args.join(', ')})` : ''}: ${printed(type)}`, ...directives].join(' ');

const block = (head: readonly string[], lines: readonly string[]): string =>
  `${head.filter((word) => word !== '').join(' ')} {\n${lines.map((line) => `  ${line}\n`).join('')}}`;

const implemented = (interfaces: readonly string[]): string =>
  interfaces.length === 0 ? '' : `implements ${interfaces.join(' & ')}`;

/** A module's SDL, as its author would have written it. */
export const sdlOf = ({ shares, objects, abstracts }: ModuleModel): string =>
  [
    shares ? SHARED_SDL : '',
    ...abstracts.map(({ kind, name, directives, fields, members }) =>
      kind === 'union' ? `union ${name} = ${members.join(' | ')}` : block(['interface', name, ...directives], fields),
    ),
    ...objects.map(({ name, interfaces, directives, fields }) =>
      block(['type', name, implemented(interfaces), ...directives], fields.map(fieldSdl)),
    ),
  ].join('\n');

/** The part of a model that an operation with these fields may be about, for people to read. */
export const relevantTo = (model: Model, fields: ReadonlySet<string>): Model => {
  const needed = new Set([...fields]);
  for (const { objects } of model.modules)
    for (const object of objects)
      for (const field of object.fields)
        if (fields.has(field.name))
          for (const one of field.needs) for (const [word] of one.matchAll(/\w+/g)) needed.add(word);
  const modules = model.modules.flatMap((module) => {
    const objects = module.objects
      .map((object) => ({
        ...object,
        fields: object.fields.filter(({ name }) => needed.has(name) || object.keys.includes(name)),
      }))
      .filter((object) => object.fields.some(({ name }) => needed.has(name)) || object.merge !== null);
    const named = new Set(objects.map(({ name }) => name));
    const abstracts = module.abstracts.filter(({ members }) => members.some((member) => named.has(member)));
    return objects.length === 0 ? [] : [{ ...module, objects, abstracts, shares: false }];
  });
  return { ...model, modules };
};
