import { type FieldNode, getNamedType } from 'graphql';
import { type EntityKey, entityKeys, keyFields, loaderKey } from '../../backend/merge/entity-keys.ts';
import type { NeededField } from '../../backend/merge/needed-field.ts';
import type { GraphModule } from '../graph.ts';
import { CannotPlan } from './cannot-plan.ts';
import type { Nodes } from './collect-fields.ts';
import type { Owners, PossibleJoin } from './field-owners.ts';
import { selecting } from './field-read.ts';
import { chooseJoins, type JoinChoice } from './join-choice.ts';
import { itself, parser } from './leaf-types.ts';
import type { CopyPlainFields, Field, Join, JoinInput, ModuleFields, References, Select, Selection } from './plan.ts';
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

/** The rows that a selection is built for. */
export interface SelectionOrigin {
  /** The module that provides the rows. */
  readonly module: GraphModule;
  readonly type: string;
  /** The key of rows that are references: only its fields can be read. Null for other rows. */
  readonly reference: EntityKey | null;
}

/** Finds the module that provides each field of a selection, and the joins that reach it. */
export class SelectionBuilder {
  readonly #make: MakeField;
  readonly #owners: Owners;
  readonly #origin: GraphModule;
  readonly #type: string;
  readonly #reference: EntityKey | null;
  readonly #choice: JoinChoice;
  readonly #own: MutableModuleFields;
  readonly #rowsBeforeCode: number;
  readonly #joins = new Map<string, MutableJoin>();
  /** Join inputs by key, with the joins that need them. */
  readonly #inputFields = new Map<string, { readonly field: Field; readonly joins: Join[] }>();

  /**
   * `fields` are the names of all fields that will be added.
   *
   * @throws CannotPlan
   */
  constructor(
    make: MakeField,
    owners: Owners,
    { module, type, reference }: SelectionOrigin,
    rowsBeforeCode: number,
    fields: Iterable<string>,
  ) {
    this.#make = make;
    this.#owners = owners;
    this.#origin = module;
    this.#type = type;
    this.#reference = reference;
    this.#own = emptyModuleFields(module);
    this.#rowsBeforeCode = rowsBeforeCode;
    const choice = chooseJoins(owners, type, this.#isOnRow, fields);
    if (choice === null) throw new CannotPlan('unreachable-field');
    this.#choice = choice;
  }

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

  /** Returns the keys whose loaders complete references. None has all fields that are requested of the row. */
  referenceKeys(): readonly (Pick<References, 'names' | 'loader'> & { readonly key: EntityKey })[] {
    const merge = this.#owners.mergeOf(this.#origin, this.#type);
    if (merge === undefined || this.#reference !== null) return [];
    const requested = [...this.#own.fields, ...this.#own.hidden];
    return entityKeys(merge).flatMap((key) => {
      const isLoaded = requested.some(({ name }) => !key.fields.includes(name));
      return isLoaded && key.load !== undefined ? [{ key, names: keyFields(merge), loader: key.load }] : [];
    });
  }

  /** True if a field is on the row. References have key fields only. */
  readonly #isOnRow = (name: string): boolean =>
    this.#reference === null
      ? this.#owners.provides(this.#origin, this.#type, name)
      : this.#reference.fields.includes(name);

  #moduleFieldsWith(name: string): MutableModuleFields {
    if (this.#isOnRow(name)) return this.#own;
    const join = this.#choice.get(name);
    if (join === undefined) throw new Error(`No join was chosen for ${this.#type}.${name}.`);
    return this.#joinTo(join);
  }

  #joinTo({ name, module, key, needs }: PossibleJoin): MutableJoin {
    const existing = this.#joins.get(name);
    if (existing !== undefined) return existing;
    const { fields: keys, load } = key;
    const inputs: JoinInput[] = [];
    const hasBareKey = keys.length === 1 && needs.every(({ property }) => keys.includes(property));
    const join: MutableJoin = {
      ...emptyModuleFields(module),
      index: this.#joins.size,
      inputs,
      load:
        load === undefined
          ? null
          : {
              loader: load,
              hasBareKey,
              keyOf: hasBareKey ? itself : (input) => loaderKey(key, Object(input)),
              select: this.#selecting(module, () => join),
            },
    };
    this.#joins.set(name, join);
    for (const field of keys) inputs.push(this.#joinInput(join, { name: field, property: field, text: field }));
    for (const need of needs) if (!keys.includes(need.property)) inputs.push(this.#joinInput(join, need));
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
