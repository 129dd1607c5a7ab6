import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadProto } from '../../src/protobuf/load-proto.ts';
import { ProtoError } from '../../src/protobuf/problems.ts';
import type { FieldType, MessageType } from '../../src/protobuf/type-model.ts';
import { describedBy, installedProtoc, type ProtoFolder, throughText } from '../support/grpc/installed-protoc.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { randomMessage } from '../support/random/random-messages.ts';
import { ProtoWriter } from '../support/random/random-protos.ts';
import { seeded } from '../support/random/seeded.ts';

/** PROTO_RUNS=1000 makes a long run. */
const RUNS = Number(process.env.PROTO_RUNS ?? 60);
/** A fixed seed. PROTO_SEED=<number> makes other files. */
const SEED = Number(process.env.PROTO_SEED ?? 1);

const Field = z.object({
  name: z.string(),
  number: z.number(),
  label: z.number().default(1),
  type: z.number(),
  typeName: z.string().optional(),
  defaultValue: z.string().optional(),
  oneofIndex: z.number().optional(),
  jsonName: z.string(),
  options: z.object({ packed: z.boolean().optional(), deprecated: z.boolean().optional() }).optional(),
});
const Oneof = z.object({ name: z.string() });
interface Message {
  readonly name: string;
  readonly field: z.infer<typeof Field>[];
  readonly nestedType: Message[];
  readonly oneofDecl: z.infer<typeof Oneof>[];
  readonly extension: (z.infer<typeof Field> & { readonly extendee: string })[];
  readonly options?: { readonly mapEntry?: boolean | undefined } | undefined;
}
const Extension = Field.extend({ extendee: z.string() });
const Message: z.ZodType<Message> = z.object({
  name: z.string(),
  field: z.array(Field).default([]),
  get nestedType() {
    return z.array(Message).default([]);
  },
  oneofDecl: z.array(Oneof).default([]),
  extension: z.array(Extension).default([]),
  options: z.object({ mapEntry: z.boolean().optional() }).optional(),
});
const File = z.object({
  package: z.string().default(''),
  syntax: z.string().default('proto2'),
  messageType: z.array(Message).default([]),
  extension: z.array(Extension).default([]),
});
const Files = z.object({ file: z.array(File) });

/** A message descriptor of protoc, with the syntax of its file. */
interface Known {
  readonly message: Message;
  readonly isProto3: boolean;
  /** Scoped names of the extensions, by number. */
  readonly extensions: Map<number, string>;
}

const messagesIn = (raw: unknown): ReadonlyMap<string, Known> => {
  const all = new Map<string, Known>();
  const extensions: { readonly extendee: string; readonly name: string; readonly number: number }[] = [];
  for (const { package: name, messageType, extension, syntax } of Files.parse(raw).file) {
    const within = (scope: string, messages: readonly Message[], some: readonly z.infer<typeof Extension>[]): void => {
      for (const one of some) extensions.push({ ...one, name: `${scope}.${one.name}` });
      for (const message of messages) {
        const full = `${scope}.${message.name}`;
        all.set(full, { message, isProto3: syntax === 'proto3', extensions: new Map() });
        within(full, message.nestedType, message.extension);
      }
    };
    within(name === '' ? '' : `.${name}`, messageType, extension);
  }
  for (const { extendee, name, number } of extensions) all.get(extendee)?.extensions.set(number, name.slice(1));
  return all;
};

const TYPES = [
  ...['', 'double', 'float', 'int64', 'uint64', 'int32', 'fixed64', 'fixed32', 'bool', 'string', 'group', 'message'],
  ...['bytes', 'uint32', 'enum', 'sfixed32', 'sfixed64', 'sint32', 'sint64'],
];
const typeOf = ({ type, typeName }: z.infer<typeof Field>): string => typeName?.slice(1) ?? TYPES[type] ?? '';
const UNPACKABLE = new Set(['string', 'bytes', 'group', 'message']);

const REPEATED = 3;
const REQUIRED = 2;

/** Translates a field descriptor of protoc to the gateway's model. */
const expected = (field: z.infer<typeof Field>, { message, isProto3 }: Known, all: ReadonlyMap<string, Known>) => {
  const entry = all.get(field.typeName ?? '')?.message;
  const isMap = entry?.options?.mapEntry === true;
  const [key, value] = entry?.field ?? [];
  const type = TYPES[field.type] ?? '';
  const isList = field.label === REPEATED;
  const oneof = field.oneofIndex === undefined ? null : (message.oneofDecl[field.oneofIndex]?.name ?? null);
  return {
    name: field.jsonName,
    writtenName: field.name,
    number: field.number,
    type: isMap && value !== undefined ? typeOf(value) : typeOf(field),
    key: isMap && key !== undefined ? typeOf(key) : null,
    kind: isMap ? 'map' : isList ? 'list' : 'single',
    // protoc represents an optional field of proto3 as a synthetic oneof.
    oneof: oneof?.startsWith('one_') === true ? oneof : null,
    isRequired: field.label === REQUIRED,
    hasPresence: !isList && (!isProto3 || oneof !== null || type === 'message'),
    default: field.defaultValue ?? null,
    isPacked: isList && !UNPACKABLE.has(type) && (field.options?.packed ?? isProto3),
    isGroup: type === 'group',
    isDeprecated: field.options?.deprecated ?? false,
    // An option of Google's files, which random files do not import.
    behavior: [],
  };
};

const textOf = (value: unknown): string => {
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  return Number.isNaN(value) ? 'nan' : String(value);
};

const ours = ({ type, doc: _doc, declaredDefault, ...field }: FieldType) => ({
  ...field,
  type: typeof type === 'string' ? type : type.name,
  default: declaredDefault === null ? null : textOf(declaredDefault),
});

const compareAll = (types: readonly MessageType[], all: ReadonlyMap<string, Known>): number => {
  const seen = new Set<MessageType>();
  const visit = (type: MessageType): void => {
    if (seen.has(type)) return;
    seen.add(type);
    const known = all.get(`.${type.name}`);
    if (known === undefined) throw new Error(`protoc has no ${type.name}`);
    const own = type.fields.filter(({ name }) => !name.startsWith('['));
    expect(own.map(ours), type.name).toEqual(known.message.field.map((field) => expected(field, known, all)));
    const extensions = type.fields.filter(({ name }) => name.startsWith('['));
    expect(new Map(extensions.map(({ number, name }) => [number, name.slice(1, -1)])), type.name).toEqual(
      known.extensions,
    );
    for (const field of type.fields)
      if (typeof field.type === 'object' && field.type.kind === 'message') visit(field.type);
  };
  for (const type of types) visit(type);
  return seen.size;
};

const servicesOf = ({ folder, entry }: ProtoFolder) => {
  try {
    const file = loadProto({ folder, proto: entry });
    return file.service(file.services[0] ?? '');
  } catch (error) {
    if (error instanceof ProtoError) return error;
    throw error;
  }
};

const reason = installedProtoc === null && !process.env.CI ? 'no protoc is installed' : null;

describe.skipIf(reason !== null)(
  `random .proto files, held against the system's protoc${reason ? ` (${reason})` : ''}`,
  () => {
    test('types, names, defaults and values equal those of protoc, and invalid files are rejected by both', () => {
      const random = seeded(SEED);
      let accepted = 0;
      let messages = 0;
      for (let run = 0; run < RUNS; run += 1) {
        const { files, entry } = new ProtoWriter(random).write();
        const folder = folderWith(files);
        const protos = { folder, entry };
        const { files: raw, words } = describedBy(protos, join(folder, 'set'), readFileSync);
        const found = servicesOf(protos);
        const details = `PROTO_SEED=${SEED}, run ${run}\n${JSON.stringify(files, null, 1).replaceAll('\\n', '\n')}\n${words}`;
        const isRefused = found instanceof ProtoError;
        expect(isRefused, isRefused ? `${details}${found.message}` : details).toBe(raw === null);
        if (raw === null || isRefused) continue;
        accepted += 1;
        const all = messagesIn(raw);
        messages += compareAll(
          found.methods.flatMap(({ request, response }) => [request, response]),
          all,
        );
        for (const { request, encode } of found.methods.slice(0, 4)) {
          const decode = found.decoder.for(request);
          const value = randomMessage(request, random);
          const bytes = encode(value);
          const read = decode(bytes);
          expect(read, details).toMatchObject(value);
          expect(decode(throughText(protos, request.name, bytes)), details).toEqual(read);
        }
      }
      // Files that protoc rejects prove little.
      expect(accepted).toBeGreaterThan(RUNS / 5);
      expect(messages).toBeGreaterThan(RUNS);
    });
  },
);
