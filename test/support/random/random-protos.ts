/**
 * Few names, so that different scopes have equal ones, which name resolution can confuse. Two are also names of
 * packages.
 */
const TOP_NAMES = ['A', 'B', 'C'];
const NESTED_NAMES = [...TOP_NAMES, 'a', 'b'];
const PACKAGES = ['', 'a', 'a.b', 'b', 'b.a', 'a.b.c'];
const SCALARS = [
  ...['double', 'float', 'int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'fixed32', 'fixed64'],
  ...['sfixed32', 'sfixed64', 'bool', 'string', 'bytes'],
];
const KEYS = ['int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'fixed32', 'sfixed64', 'bool', 'string'];
const FIELD_NAMES = ['line_', 'address_line_', '_x', 'a__b', 'Upper_', 'upperCase', 'x_Y_'];
const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  int32: ['5', '-1', '0'],
  int64: ['9007199254740993', '-9223372036854775808'],
  uint64: ['18446744073709551615'],
  bool: ['true', 'false'],
  string: ['"a"', '""', '"\\303\\274"'],
  double: ['1.5', '-inf', 'nan'],
};

export interface RandomProtos {
  /** Texts by path. The last one declares the service `S` with the messages in `requests`. */
  readonly files: Readonly<Record<string, string>>;
  readonly entry: string;
}

/** A message or an enum that can be the type of a field. */
interface Declared {
  readonly name: string;
  readonly kind: 'message' | 'enum';
  readonly isProto3: boolean;
}

interface Node {
  readonly name: string;
  readonly kind: Declared['kind'];
  readonly nested: readonly Node[];
}

interface File {
  readonly path: string;
  readonly package: string;
  readonly isProto3: boolean;
  readonly imports: readonly { readonly file: File; readonly isPublic: boolean }[];
  readonly nodes: readonly Node[];
}

/** Random numbers from 0 to 1. */
type Random = () => number;

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join('.');

const declaredIn = (file: File): Declared[] => {
  const within = (scope: string, nodes: readonly Node[]): Declared[] =>
    nodes.flatMap(({ name, kind, nested }) => {
      const full = joined(scope, name);
      return [{ name: full, kind, isProto3: file.isProto3 }, ...within(full, nested)];
    });
  return within(file.package, file.nodes);
};

/** Files with types that are visible in a file: itself, its imports, and their public imports. */
const seenBy = (file: File): Set<File> => {
  const publicIn = (one: File): File[] => [
    one,
    ...one.imports.filter(({ isPublic }) => isPublic).flatMap((each) => publicIn(each.file)),
  ];
  return new Set([file, ...file.imports.flatMap((each) => publicIn(each.file))]);
};

/** Writes a few .proto files that import each other. Most of them are valid; protoc decides. */
export class ProtoWriter {
  readonly #random: Random;
  #counter = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  write(): RandomProtos {
    const files: File[] = [];
    for (let index = 0; index < 1 + this.#below(4); index += 1) files.push(this.#file(index, files));
    const last = files.at(-1);
    if (last === undefined) throw new Error('there is no file');
    const texts = files.map((file) => [file.path, this.#text(file, file === last)] as const);
    return { files: Object.fromEntries(texts), entry: last.path };
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[this.#below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  #next(): number {
    this.#counter += 1;
    return this.#counter;
  }

  #file(index: number, others: readonly File[]): File {
    const name = this.#pick(PACKAGES);
    const taken = others
      .filter((other) => other.package === name)
      .flatMap(({ nodes }) => nodes.map((node) => node.name));
    const free = TOP_NAMES.filter((each) => !taken.includes(each));
    return {
      path: `${this.#chance(0.3) ? 'deep/er/' : ''}f${index}.proto`,
      package: name,
      isProto3: this.#chance(0.6),
      imports: others.filter(() => this.#chance(0.6)).map((file) => ({ file, isPublic: this.#chance(0.4) })),
      nodes: (free.length === 0 ? [`T${index}`] : free.filter(() => this.#chance(0.8))).map((each) =>
        this.#node(each, 0),
      ),
    };
  }

  #node(name: string, depth: number): Node {
    const isEnum = this.#chance(depth === 0 ? 0.2 : 0.35);
    const names = depth > 2 || isEnum ? [] : NESTED_NAMES.filter((each) => each !== name && this.#chance(0.3));
    return { name, kind: isEnum ? 'enum' : 'message', nested: names.map((each) => this.#node(each, depth + 1)) };
  }

  #text(file: File, isEntry: boolean): string {
    const seen = [...seenBy(file)]
      .flatMap(declaredIn)
      .filter((type) => !file.isProto3 || type.isProto3 || type.kind === 'message');
    const messages = declaredIn(file).filter(({ kind }) => kind === 'message');
    const lines = [
      `syntax = "${file.isProto3 ? 'proto3' : 'proto2'}";`,
      ...(file.package === '' ? [] : [`package ${file.package};`]),
      'import "google/protobuf/descriptor.proto";',
      'import "google/protobuf/timestamp.proto";',
      ...file.imports.map(({ file: { path }, isPublic }) => `import ${isPublic ? 'public ' : ''}"${path}";`),
      ...file.nodes.map((node) => this.#declaration(node, file.package, file, seen)),
      ...this.#options(),
    ];
    const rpcs = messages.map(
      ({ name }, at) => `rpc M${at}(${this.#reference(name, file.package, seen)}) returns (.${name});`,
    );
    if (isEntry) lines.push(`service S { ${rpcs.join(' ')} }`);
    return `${lines.join('\n')}\n`;
  }

  #options(): readonly string[] {
    if (!this.#chance(0.3)) return [];
    const id = 50_000 + this.#next();
    return [
      `message Opt${id} { repeated Opt${id} tags = 1; optional string d = 2; }`,
      `extend google.protobuf.FileOptions { optional Opt${id} opt${id} = ${id}; }`,
      `option (opt${id}) = { tags: [ { d: "a" }, {} ] tags { d: 'b' } d: "x" "y" };;`,
    ];
  }

  #declaration({ name, kind, nested }: Node, scope: string, file: File, seen: readonly Declared[]): string {
    if (kind === 'enum') return this.#enumeration(name);
    const inside = joined(scope, name);
    const parts = nested.map((node) => this.#declaration(node, inside, file, seen));
    const fields = Array.from({ length: 1 + this.#below(5) }, () => this.#field(inside, file, seen));
    if (!file.isProto3) parts.push('extensions 100000 to max;');
    if (!file.isProto3 && this.#chance(0.4)) parts.push(this.#extension(inside, seen));
    return `message ${name} { ${this.#shuffled([...parts, ...fields]).join(' ')} }`;
  }

  #enumeration(name: string): string {
    const id = this.#next();
    const alias = this.#chance(0.2);
    const reserved = this.#chance(0.2) ? 'reserved -7 to -5, 40 to max; reserved "GONE";' : '';
    return `enum ${name} { ${alias ? 'option allow_alias = true;' : ''} V${id}_A = 0; V${id}_B = 1; V${id}_C = -2; ${alias ? `V${id}_D = 1;` : ''} ${reserved} }`;
  }

  #extension(scope: string, seen: readonly Declared[]): string {
    const targets = seen.filter(({ kind, isProto3 }) => kind === 'message' && !isProto3);
    const id = this.#next();
    const type = this.#chance(0.5) ? this.#pick(SCALARS) : this.#reference(this.#pick(seen).name, scope, seen);
    const target = this.#reference(this.#pick(targets).name, scope, seen);
    return `extend ${target} { ${this.#pick(['optional', 'repeated'])} ${type} ext_${id} = ${100_000 + id}; }`;
  }

  /**
   * A type's name as a file may write it in a scope: fully qualified, or a suffix that resolves to it by protobuf's
   * rules.
   */
  #reference(name: string, scope: string, seen: readonly Declared[]): string {
    const parts = name.split('.');
    const all = new Set(
      seen.flatMap((each) => each.name.split('.').map((_, at, words) => words.slice(0, at + 1).join('.'))),
    );
    const finds = (written: string): boolean => {
      const [first = ''] = written.split('.');
      for (let from = scope.split('.'); ; from = from.slice(0, -1)) {
        if (all.has(joined(...from, first))) return all.has(joined(...from, written));
        if (from.length === 0) return false;
      }
    };
    const ends = parts.map((_, at) => parts.slice(at).join('.')).filter(finds);
    return this.#chance(0.25) || ends.length === 0 ? `.${name}` : this.#pick(ends);
  }

  #name(): string {
    return `${this.#pick(FIELD_NAMES)}${this.#next()}${this.#chance(0.2) ? '_' : ''}`;
  }

  #field(scope: string, file: File, seen: readonly Declared[]): string {
    const number = this.#next();
    const choice = this.#random();
    if (choice < 0.15) return `map<${this.#pick(KEYS)}, ${this.#type(scope, seen)}> ${this.#name()} = ${number};`;
    if (choice < 0.3) return this.#oneof(scope, file, seen);
    if (choice < 0.4 && !file.isProto3)
      return `${this.#pick(['optional', 'repeated'])} group G${number} = ${number} { optional ${this.#type(scope, seen)} ${this.#name()} = 1; }`;
    if (choice < 0.6) return `repeated ${this.#repeated(scope, seen, number)}`;
    const scalar = this.#pick(SCALARS);
    if (!file.isProto3 && choice < 0.75) {
      const [value] = this.#shuffled(DEFAULTS[scalar] ?? []);
      return `optional ${scalar} ${this.#name()} = ${number}${value === undefined ? '' : ` [default = ${value}, deprecated = true]`};`;
    }
    if (!file.isProto3 && choice < 0.8) return `required ${scalar} ${this.#name()} = ${number};`;
    const label = file.isProto3 && this.#chance(0.7) ? '' : 'optional ';
    const json = this.#chance(0.15) ? ` [json_name = "json-${number}"]` : '';
    return `${label}${this.#type(scope, seen)} ${this.#name()} = ${number}${json};`;
  }

  #repeated(scope: string, seen: readonly Declared[], number: number): string {
    if (this.#chance(0.5)) return `${this.#type(scope, seen)} ${this.#name()} = ${number};`;
    return `${this.#pick(KEYS.filter((key) => key !== 'string'))} ${this.#name()} = ${number} [packed = ${this.#chance(0.5)}];`;
  }

  #oneof(scope: string, file: File, seen: readonly Declared[]): string {
    const members = Array.from({ length: 1 + this.#below(3) }, () => {
      const number = this.#next();
      if (!file.isProto3 && this.#chance(0.3)) return `group G${number} = ${number} { optional bool b = 1; }`;
      return `${this.#type(scope, seen)} ${this.#name()} = ${number};`;
    });
    return `oneof one_${this.#next()} { ${members.join(' ')} }`;
  }

  #type(scope: string, seen: readonly Declared[]): string {
    if (this.#chance(0.05)) return '.google.protobuf.Timestamp';
    return this.#chance(0.3) ? this.#pick(SCALARS) : this.#reference(this.#pick(seen).name, scope, seen);
  }

  #shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => [this.#random(), item] as const)
      .toSorted(([one], [other]) => one - other)
      .map(([, item]) => item);
  }
}
