import { quoted } from '../../../codegen/layout.ts';
import type { Definition, ImportedField, ImportedType, InputDefinition, UnionMember } from '../../imported-graph.ts';
import { propertyName } from '../../write/property-name.ts';

/** Writes the validators of rows and the encoders of inputs. */
export interface Validators {
  /** Expression of the validator of a value in a response. */
  row(type: ImportedType): string;
  /** Expression of the encoder of an input; null if the input is sent as it is. */
  encoder(type: ImportedType): string | null;
  /** Declarations, in an order in which they can be evaluated. */
  readonly declarations: readonly string[];
  /** Names of the helpers that the declarations use. */
  readonly helpers: ReadonlySet<string>;
}

class Writer implements Validators {
  readonly declarations: string[] = [];
  readonly helpers = new Set<string>();
  readonly #definitions: ReadonlyMap<string, Definition>;
  readonly #written = new Set<string>();
  readonly #encoded = new Map<string, boolean>();

  constructor(definitions: readonly Definition[]) {
    this.#definitions = new Map(definitions.map((definition) => [definition.name, definition]));
  }

  #use(helper: string): string {
    this.helpers.add(helper);
    return helper;
  }

  row(type: ImportedType): string {
    if (type.kind === 'list') {
      const item = `${this.row(type.item)}${type.isItemNullable ? '.nullable()' : ''}`;
      return type.single === true ? `${this.#use('listOf')}(${item})` : `z.array(${item})`;
    }
    if (type.kind === 'map')
      return `z.record(z.string(), ${this.row(type.value)}).transform((map) => ${this.#use('entries')}(map))`;
    if (type.kind === 'enum') return `${this.#use('enumValue')}<Rows['${type.name}']>()`;
    if (type.kind !== 'scalar') return this.#reference(`${type.name}Row`);
    switch (type.name) {
      case 'ID':
        return this.#use(type.raw === 'reference' ? 'reference' : 'id');
      case 'String':
        return type.raw === 'mixed' ? this.#use('text') : 'z.string()';
      case 'Int':
        return 'z.int()';
      case 'Float':
        return 'z.number()';
      case 'BigInt':
        return this.#use('integer');
      case 'Boolean':
        return 'z.boolean()';
      case 'Date':
      case 'DateTime':
        return 'z.string()';
      case 'JSON':
        return 'z.unknown()';
      case 'Base64':
        return 'z.string()';
      default:
        return type satisfies never;
    }
  }

  /** A validator that is declared later, or that contains itself, is read when it is used. */
  #reference(name: string): string {
    return this.#written.has(name) ? name : `z.lazy(() => ${name})`;
  }

  encoder(type: ImportedType): string | null {
    if (!this.#isEncoded(type)) return null;
    if (type.kind === 'list')
      return `z.array(${this.encoder(type.item) ?? 'z.unknown()'}${type.isItemNullable ? '.nullable()' : ''})`;
    if (type.kind === 'map') {
      const value = this.encoder(type.value) ?? 'z.unknown()';
      this.#use('toMap');
      return `z.array(z.looseObject({ key: z.string(), value: ${value} })).transform(toMap)`;
    }
    if (type.kind === 'scalar') return this.#use('day');
    return this.#reference(`${type.kind === 'object' ? type.name : ''}Body`);
  }

  /** True if a value is not sent as it arrives: names differ, or a date has no time. */
  #isEncoded(type: ImportedType): boolean {
    if (type.kind === 'list') return this.#isEncoded(type.item);
    if (type.kind === 'map') return true;
    if (type.kind === 'scalar') return type.name === 'Date';
    if (type.kind !== 'object') return false;
    const known = this.#encoded.get(type.name);
    if (known !== undefined) return known;
    // A type that contains itself is encoded if any other part of it is.
    this.#encoded.set(type.name, false);
    const definition = this.#definitions.get(type.name);
    const isEncoded =
      definition?.kind === 'input' &&
      (definition.isOneOf ||
        definition.isFile === true ||
        definition.fields.some((field) => field.name !== field.property || this.#isEncoded(field.type)));
    if (isEncoded) this.#encoded.set(type.name, true);
    else this.#encoded.delete(type.name);
    return isEncoded;
  }

  write(definitions: readonly Definition[]): void {
    const isRow = (of: Definition) => of.kind === 'union' || (of.kind === 'object' && of.isMade !== true);
    for (const definition of definitions) {
      if (isRow(definition)) this.#declareRow(definition);
      else if (definition.kind === 'input' && this.#isEncoded({ kind: 'object', name: definition.name }))
        this.#declareBody(definition);
    }
  }

  #declareRow(definition: Definition): void {
    const name = `${definition.name}Row`;
    if (definition.kind === 'object') {
      const fields = definition.fields.map(
        (field) => `  ${propertyName(field.name)}: ${this.row(field.type)}${this.#absence(field)},`,
      );
      const object = `z.looseObject({\n${fields.join('\n')}\n})`;
      const text = this.#renamed(definition.fields, object);
      this.declarations.push(`export const ${name}: z.ZodType<Row<Shape, '${definition.name}'>> = ${text};`);
    } else if (definition.kind === 'union') {
      const members = definition.members.map((member) => `  ${this.#member(member)},`);
      this.declarations.push(
        `export const ${name}: z.ZodType<UnionRow<'${definition.name}'>> = z.union([\n${members.join('\n')}\n]);`,
      );
    }
    this.#written.add(name);
  }

  /** A property that may be absent is null. */
  #absence({ isRequired, type }: ImportedField): string {
    if (isRequired) return '';
    return type.kind === 'scalar' && type.name === 'JSON' ? '.default(null)' : '.nullable().default(null)';
  }

  #member({ name, property, values }: UnionMember): string {
    this.#use('member');
    const guard =
      property === null
        ? 'null, null'
        : `${quoted(property)}, ${values === null ? 'null' : `[${values.map(quoted).join(', ')}]`}`;
    return `member('${name}', ${guard}, ${this.#reference(`${name}Row`)})`;
  }

  /** A validator after the properties of a response have the names of the SDL. */
  #renamed(fields: readonly ImportedField[], object: string): string {
    const renamed = fields.filter((field) => field.name !== field.property);
    if (renamed.length === 0) return object;
    this.#use('renamed');
    const names = renamed.map((field) => `  ${propertyName(field.property)}: ${quoted(field.name)},`);
    return `z.preprocess(renamed({\n${names.join('\n')}\n}), ${object})`;
  }

  #declareBody({ name, fields, isOneOf, isFile = false }: InputDefinition): void {
    const encoded = fields.flatMap((field) => {
      const encoder = this.encoder(field.type);
      return encoder === null ? [] : [`  ${propertyName(field.name)}: ${encoder}.nullish(),`];
    });
    const object = encoded.length === 0 ? 'z.looseObject({})' : `z.looseObject({\n${encoded.join('\n')}\n})`;
    const renamed = fields.filter((field) => field.name !== field.property);
    let text = object;
    if (isFile) text = `z.custom<Upload>().transform(${this.#use('uploaded')})`;
    else if (isOneOf) text = `${object}.transform(${this.#use('chosen')})`;
    else if (renamed.length > 0)
      text = `${object}.transform(${this.#use('sentAs')}({\n${renamed.map((field) => `  ${propertyName(field.name)}: ${quoted(field.property)},`).join('\n')}\n}))`;
    this.declarations.push(`export const ${name}Body: z.ZodType<object> = ${text};`);
    this.#written.add(`${name}Body`);
  }
}

/** Writes the validators and encoders of definitions. */
export const validators = (definitions: readonly Definition[]): Validators => {
  const writer = new Writer(definitions);
  writer.write(definitions);
  return writer;
};
