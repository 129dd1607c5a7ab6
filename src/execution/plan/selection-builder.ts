import { type FieldNode, getNamedType } from 'graphql';
import type { MergeShape } from '../../backend/define/schema-types.ts';
import type { NeededField } from '../../backend/merge/needed-field.ts';
import type { GraphModule } from '../graph.ts';
import { CannotPlan } from './cannot-plan.ts';
import type { Nodes } from './collect-fields.ts';
import { joinName, keysOf, type Owners } from './field-owners.ts';
import { selecting } from './field-read.ts';
import { itself, parser } from './leaf-types.ts';
import type {
  CopyPlainFields,
  Field,
  Join,
  JoinInput,
  ModuleFields,
  References,
  ResultObject,
  Select,
  Selection,
} from './plan.ts';
import { requestedFields } from './requested-rows.ts';
import { isPlainProperty, plainFieldsCopier } from './row-codegen.ts';

/** A field as the document or a join requests it. */
export interface FieldRequest {
  /** The response key. For a join input: the name of a key field, or the text in `needs`. */
  readonly key: string;
  /** Empty for a key field that only a join reads. */
  readonly nodes: readonly FieldNode[];
  readonly joins?: readonly Join[];
}

type MakeField = (module: GraphModule, type: string, request: FieldRequest) => Field;

/** Module fields while the selection is built. */
interface MutableModuleFields {
  readonly module: GraphModule;
  readonly fields: Field[];
  readonly hidden: Field[];
  /** `otherFields` and `copyPlainFields` are set once all fields are known. */
  otherFields: readonly Field[];
  copyPlainFields: CopyPlainFields;
}

const emptyModuleFields = (module: GraphModule): MutableModuleFields => ({
  module,
  fields: [],
  hidden: [],
  otherFields: [],
  copyPlainFields: () => true,
});

type MutableJoin = MutableModuleFields & Join;

/** A key field, or a field in `needs`. */
type KeyOrNeed = Omit<NeededField, 'node'> & Partial<Pick<NeededField, 'node'>>;

/**
 * Returns the function that makes a loader's key from the join inputs: the value of the only key field, or an object of
 * all key fields.
 */
const loaderKey = (merge: MergeShape): ((inputs: ResultObject) => unknown) => {
  const fields = keysOf(merge);
  const [single] = fields;
  if (fields.length === 1 && single !== undefined) return (inputs) => inputs[single];
  return (inputs) => Object.fromEntries(fields.map((field) => [field, inputs[field]]));
};

/** The rows that a selection is built for. */
export interface SelectionOrigin {
  /** The module that provides the rows. */
  readonly module: GraphModule;
  readonly type: string;
  /** True if the rows are references: only their key fields can be read. */
  readonly areReferences: boolean;
}

/** Finds the module that provides each field of a selection, and the joins that reach it. */
export class SelectionBuilder {
  readonly #make: MakeField;
  readonly #owners: Owners;
  readonly #origin: GraphModule;
  readonly #type: string;
  readonly #areReferences: boolean;
  readonly #own: MutableModuleFields;
  readonly #rowsBeforeCode: number;
  readonly #joins = new Map<string, MutableJoin>();
  /** Names of the joins that are being built. They cannot provide inputs of each other. */
  readonly #inProgress: string[] = [];
  /** Join inputs by key, with the joins that need them. */
  readonly #inputFields = new Map<string, { readonly field: Field; readonly joins: Join[] }>();

  constructor(
    make: MakeField,
    owners: Owners,
    { module, type, areReferences }: SelectionOrigin,
    rowsBeforeCode: number,
  ) {
    this.#make = make;
    this.#owners = owners;
    this.#origin = module;
    this.#type = type;
    this.#areReferences = areReferences;
    this.#own = emptyModuleFields(module);
    this.#rowsBeforeCode = rowsBeforeCode;
  }

  /** @throws CannotPlan */
  add(key: string, nodes: Nodes): Field {
    const moduleFields = this.#moduleFieldsWith(nodes[0].name.value);
    const field = this.#make(moduleFields.module, this.#type, { key, nodes });
    moduleFields.fields.push(field);
    return field;
  }

  moduleFields(): Pick<Selection, 'own' | 'joins'> {
    const joins = [...this.#joins.values()];
    for (const moduleFields of [this.#own, ...joins]) {
      moduleFields.otherFields = moduleFields.fields.filter((field) => !isPlainProperty(field));
      if (moduleFields.otherFields.length < moduleFields.fields.length)
        moduleFields.copyPlainFields = plainFieldsCopier(
          moduleFields.fields.filter(isPlainProperty),
          this.#rowsBeforeCode,
        );
    }
    return { own: this.#own, joins };
  }

  /** Returns the key fields and the loader that complete references; null if only key fields are requested. */
  referenceLoader(): Pick<References, 'keys' | 'loader'> | null {
    const merge = this.#owners.mergeOf(this.#origin, this.#type);
    if (merge?.load === undefined || this.#areReferences) return null;
    const keys = keysOf(merge);
    const isLoaded = [...this.#own.fields, ...this.#own.hidden].some(({ name }) => !keys.includes(name));
    return isLoaded ? { keys, loader: merge.load } : null;
  }

  /** True if a field is on the row. References have key fields only. */
  readonly #isOnRow = (name: string): boolean => {
    const merge = this.#owners.mergeOf(this.#origin, this.#type);
    if (this.#areReferences && merge !== undefined) return keysOf(merge).includes(name);
    return this.#owners.provides(this.#origin, this.#type, name);
  };

  #moduleFieldsWith(name: string): MutableModuleFields {
    if (this.#isOnRow(name)) return this.#own;
    const modules = this.#owners.reachable(this.#type, name, this.#isOnRow, this.#inProgress);
    // Prefer a module that is joined already: several may provide the same key.
    const joined = [...this.#joins.values()].find(
      ({ module, inputs }) => modules.includes(module) && inputs.every(({ isKey }) => isKey),
    );
    const module = joined?.module ?? modules[0];
    if (module === undefined) throw new CannotPlan('unreachable-field');
    return this.#joinTo(module, this.#owners.needsOf(module, this.#type, name) ?? []);
  }

  #joinTo(module: GraphModule, needs: readonly NeededField[]): MutableJoin {
    const name = joinName(module, needs);
    const existing = this.#joins.get(name);
    if (existing !== undefined) return existing;
    const merge = this.#owners.mergeOf(module, this.#type);
    if (merge === undefined) throw new CannotPlan('unreachable-field');
    const keys = keysOf(merge);
    const inputs: JoinInput[] = [];
    const join: MutableJoin = {
      ...emptyModuleFields(module),
      index: this.#joins.size,
      inputs,
      load:
        merge.load === undefined
          ? null
          : { loader: merge.load, keyOf: loaderKey(merge), select: this.#selecting(module, () => join) },
    };
    this.#joins.set(name, join);
    this.#inProgress.push(name);
    for (const key of keys) inputs.push(this.#joinInput(join, { name: key, property: key, text: key }));
    for (const need of needs) if (!keys.includes(need.property)) inputs.push(this.#joinInput(join, need));
    this.#inProgress.pop();
    return join;
  }

  /** Compiles the rows of a join for a GraphQL service, once all fields of the join are known. */
  #selecting(module: GraphModule, join: () => ModuleFields): Select {
    return selecting(module, () => ({ are: 'objects', requested: requestedFields(this.#type, join()) }));
  }

  #joinInput(join: Join, input: KeyOrNeed): JoinInput {
    const { definition, shape } = this.#inputField(input, join);
    const own = this.#owners.typeIn(join.module, this.#type)?.getFields()[input.property]?.type;
    const parse = own === undefined ? itself : parser(definition.type, getNamedType(own));
    return { name: input.property, key: input.text, isKey: input.node === undefined, shape, parse };
  }

  #inputField({ name, text: key, node }: KeyOrNeed, join: Join): Field {
    const known = this.#inputFields.get(key);
    if (known !== undefined) {
      known.joins.push(join);
      return known.field;
    }
    const moduleFields = this.#moduleFieldsWith(name);
    const joins = [join];
    const nodes = node === undefined ? [] : [node];
    const field = this.#make(moduleFields.module, this.#type, { key, nodes, joins });
    moduleFields.hidden.push(field);
    this.#inputFields.set(key, { field, joins });
    return field;
  }
}
