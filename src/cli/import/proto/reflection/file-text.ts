import type { DescMessage, Message, Registry } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  Edition,
  type EnumDescriptorProto,
  EnumOptionsSchema,
  EnumValueOptionsSchema,
  type FieldDescriptorProto,
  FieldOptionsSchema,
  type FileDescriptorProto,
  FileOptionsSchema,
  FieldDescriptorProto_Label as Label,
  MessageOptionsSchema,
  MethodOptionsSchema,
  OneofOptionsSchema,
  type ServiceDescriptorProto,
  ServiceOptionsSchema,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import { optionTexts, protoText } from './option-text.ts';

const TYPES: Readonly<Partial<Record<Type, string>>> = Object.fromEntries(
  Object.entries(Type).flatMap(([name, type]) => (typeof type === 'number' ? [[type, name.toLowerCase()]] : [])),
);

const MAX_FIELD = 536_870_912;
const MAX_ENUM = 2_147_483_647;

const indented = (lines: readonly string[]): string[] => lines.map((line) => (line === '' ? '' : `  ${line}`));

const block = (head: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [`${head} {}`] : [`${head} {`, ...indented(lines), '}'];

/** `json_name` that protoc derives from a name. */
const jsonName = (name: string): string =>
  name.replaceAll(/_+([A-Za-z0-9]?)/g, (_, next: string) => next.toUpperCase());

const ranges = (list: readonly { readonly start: number; readonly end: number }[], last: number, max: number): string =>
  list
    .map(({ start, end }) =>
      end - last >= max ? `${start} to max` : end - last === start ? `${start}` : `${start} to ${end - last}`,
    )
    .join(', ');

/** True for a reference to a type with this name, full or relative. */
const isNamed = (typeName: string, name: string): boolean => typeName === name || typeName.endsWith(`.${name}`);

class Writer {
  readonly #registry: Registry;
  readonly #file: FileDescriptorProto;

  constructor(registry: Registry, file: FileDescriptorProto) {
    this.#registry = registry;
    this.#file = file;
  }

  #options(options: Message | undefined, schema: DescMessage, skipped: readonly string[] = []): string[] {
    return optionTexts(options, schema, this.#registry, skipped);
  }

  /** Options as statements. */
  #statements(options: Message | undefined, schema: DescMessage, skipped: readonly string[] = []): string[] {
    return this.#options(options, schema, skipped).map((option) => `option ${option};`);
  }

  text(): string[] {
    const proto = this.#file;
    const syntax =
      proto.syntax === 'editions'
        ? `edition = ${protoText(Edition[proto.edition].replace('EDITION_', ''))};`
        : `syntax = ${protoText(proto.syntax || 'proto2')};`;
    const imports = proto.dependency.map(
      (name, at) => `import ${proto.publicDependency.includes(at) ? 'public ' : ''}${protoText(name)};`,
    );
    return [
      syntax,
      ...(proto.package === '' ? [] : ['', `package ${proto.package};`]),
      ...(imports.length > 0 ? ['', ...imports] : []),
      ...this.#spaced(this.#statements(proto.options, FileOptionsSchema)),
      ...proto.service.flatMap((one) => ['', ...this.#service(one)]),
      ...proto.messageType.flatMap((one) => ['', ...this.#message(one)]),
      ...proto.enumType.flatMap((one) => ['', ...this.#enum(one)]),
      ...this.#spaced(this.#extensions(proto.extension, [])),
    ];
  }

  #spaced(lines: readonly string[]): string[] {
    return lines.length === 0 ? [] : ['', ...lines];
  }

  #service({ name, method, options }: ServiceDescriptorProto): string[] {
    const methods = method.flatMap((one) => {
      const input = `${one.clientStreaming ? 'stream ' : ''}${one.inputType}`;
      const output = `${one.serverStreaming ? 'stream ' : ''}${one.outputType}`;
      const head = `rpc ${one.name}(${input}) returns (${output})`;
      const own = this.#statements(one.options, MethodOptionsSchema);
      return own.length === 0 ? [`${head};`] : block(head, own);
    });
    return block(`service ${name}`, [...this.#statements(options, ServiceOptionsSchema), ...methods]);
  }

  #enum({ name, value, options, reservedRange, reservedName }: EnumDescriptorProto): string[] {
    const values = value.map((one) => {
      const own = this.#options(one.options, EnumValueOptionsSchema);
      return `${one.name} = ${one.number}${own.length === 0 ? '' : ` [${own.join(', ')}]`};`;
    });
    return block(`enum ${name}`, [
      ...this.#statements(options, EnumOptionsSchema),
      ...values,
      ...this.#reserved(ranges(reservedRange, 0, MAX_ENUM), reservedName),
    ]);
  }

  #reserved(numbers: string, names: readonly string[]): string[] {
    // Editions have names without quotes.
    const quoted = names.map((name) => (this.#file.syntax === 'editions' ? name : protoText(name)));
    return [
      ...(numbers === '' ? [] : [`reserved ${numbers};`]),
      ...(quoted.length === 0 ? [] : [`reserved ${quoted.join(', ')};`]),
    ];
  }

  #message(message: DescriptorProto): string[] {
    const { name, options, extensionRange, reservedRange, reservedName } = message;
    return block(`message ${name}`, [
      ...this.#statements(options, MessageOptionsSchema, ['map_entry']),
      ...this.#body(message),
      ...extensionRange.map(({ start = 0, end = 0 }) => `extensions ${ranges([{ start, end }], 1, MAX_FIELD - 1)};`),
      ...this.#reserved(
        ranges(
          reservedRange.map(({ start = 0, end = 0 }) => ({ start, end })),
          1,
          MAX_FIELD - 1,
        ),
        reservedName,
      ),
    ]);
  }

  /** Fields, and the types that are declared within a message. */
  #body({ field, nestedType, enumType, oneofDecl, extension }: DescriptorProto): string[] {
    const groups = new Set(
      [...field, ...extension]
        .filter(({ type }) => type === Type.GROUP)
        .map(({ typeName }) => typeName.split('.').at(-1)),
    );
    const nested = nestedType.filter((one) => one.options?.mapEntry !== true && !groups.has(one.name));
    const isReal = (at: number): boolean =>
      field.some((one) => one.oneofIndex === at && Object.hasOwn(one, 'oneofIndex') && !one.proto3Optional);
    const written = new Set<number>();
    const fields = field.flatMap((one): string[] => {
      const { oneofIndex } = one;
      if (!Object.hasOwn(one, 'oneofIndex') || !isReal(oneofIndex)) return this.#field(one, nestedType, true);
      if (written.has(oneofIndex)) return [];
      written.add(oneofIndex);
      const members = field.filter((other) => Object.hasOwn(other, 'oneofIndex') && other.oneofIndex === oneofIndex);
      const oneof = oneofDecl[oneofIndex];
      return block(`oneof ${oneof?.name}`, [
        ...this.#statements(oneof?.options, OneofOptionsSchema),
        ...members.flatMap((member) => this.#field(member, nestedType, false)),
      ]);
    });
    return [
      ...fields,
      ...nested.flatMap((one) => this.#message(one)),
      ...enumType.flatMap((one) => this.#enum(one)),
      ...this.#extensions(extension, nestedType),
    ];
  }

  #extensions(list: readonly FieldDescriptorProto[], nested: readonly DescriptorProto[]): string[] {
    return [...Map.groupBy(list, ({ extendee }) => extendee)].flatMap(([extendee, fields]) =>
      block(
        `extend ${extendee}`,
        fields.flatMap((one) => this.#field(one, nested, true)),
      ),
    );
  }

  #label({ label, proto3Optional }: FieldDescriptorProto): string {
    if (label === Label.REPEATED) return 'repeated ';
    if (label === Label.REQUIRED) return 'required ';
    const { syntax } = this.#file;
    return proto3Optional || syntax === '' || syntax === 'proto2' ? 'optional ' : '';
  }

  #field(field: FieldDescriptorProto, nested: readonly DescriptorProto[], hasLabel: boolean): string[] {
    const { name, number, type, typeName, options } = field;
    const entry = nested.find((one) => one.options?.mapEntry === true && isNamed(typeName, one.name));
    const [key, value] = entry?.field ?? [];
    const hasJsonName = field.jsonName !== '' && field.jsonName !== jsonName(name) && field.extendee === '';
    const own = [
      ...(Object.hasOwn(field, 'defaultValue') ? [`default = ${this.#default(field)}`] : []),
      ...(hasJsonName ? [`json_name = ${protoText(field.jsonName)}`] : []),
      ...this.#options(options, FieldOptionsSchema),
    ];
    const end = `${number}${own.length === 0 ? '' : ` [${own.join(', ')}]`}`;
    if (key !== undefined && value !== undefined)
      return [`map<${TYPES[key.type]}, ${this.#type(value)}> ${name} = ${end};`];
    const label = hasLabel ? this.#label(field) : '';
    const group = type === Type.GROUP ? nested.find((one) => isNamed(typeName, one.name)) : undefined;
    if (group !== undefined) return block(`${label}group ${group.name} = ${end}`, this.#body(group));
    return [`${label}${this.#type(field)} ${name} = ${end};`];
  }

  #type({ type, typeName }: FieldDescriptorProto): string {
    return typeName === '' ? (TYPES[type] ?? 'string') : typeName;
  }

  /** A default as in the descriptor: C-escaped for bytes, unescaped for text. */
  #default({ type, defaultValue }: FieldDescriptorProto): string {
    if (type === Type.STRING) return protoText(defaultValue);
    return type === Type.BYTES ? `"${defaultValue}"` : defaultValue;
  }
}

/** The text of a .proto file with the declarations of a descriptor. Comments are left out. */
export const protoFileText = (file: FileDescriptorProto, registry: Registry): string =>
  `${new Writer(registry, file).text().join('\n')}\n`;
