import {
  LEAVES,
  type RequestedField,
  type RequestedFields,
  type RequestedRows,
} from '../../backend/remote/requested-fields.ts';
import { servicesOf } from '../../backend/remote/service.ts';
import type { Field, ModuleFields, Selection, Shape } from './plan.ts';

const known = new WeakMap<ModuleFields, RequestedFields>();

/** The fields that the rows of a module must have for a selection, those that joins and loaders need included. */
export const requestedFields = (type: string, moduleFields: ModuleFields): RequestedFields => {
  const before = known.get(moduleFields);
  if (before !== undefined) return before;
  const { fields, hidden } = moduleFields;
  const requested = { type, fields: [...fields, ...hidden].flatMap(requestedField) };
  known.set(moduleFields, requested);
  return requested;
};

const rowsOf = ({ type, own }: Selection): RequestedFields => requestedFields(type, own);

type Below = Pick<Field, 'module' | 'shape'>;

const belowShape = (field: Below, shape: Shape): RequestedRows => {
  switch (shape.is) {
    case 'leaf':
      return LEAVES;
    case 'list':
      return belowShape(field, shape.item);
    case 'object':
      return { are: 'objects', requested: rowsOf(shape.selection) };
    case 'abstract':
      return {
        are: 'abstract',
        requested: field.module.schema.getPossibleTypes(shape.type).map((type) => rowsOf(shape.selectionOf(type))),
      };
  }
};

/** The rows that the values of a field must have. */
export const requestedRows = (field: Below): RequestedRows => belowShape(field, field.shape);

/** A property of the row that another field is made from. */
const sourceField = ({ parent }: Field, name: string): readonly RequestedField[] => {
  const definition = parent.getFields()[name];
  return definition === undefined
    ? []
    : [{ name, property: name, definition, node: undefined, below: LEAVES, source: null }];
};

/** Fields that a function or a policy of the module reads from the row. */
const readBy = ({ module: { module, schema }, parent, name }: Field): readonly string[] =>
  servicesOf(module, schema)?.reads(parent.name, name) ?? [];

/** True if the field may be refused, by its guard or for its arguments. */
const isRefusable = ({ guard, args }: Field): boolean => guard !== null || args.are === 'variable';

const requestedField = (field: Field): readonly RequestedField[] => {
  const { read, name, definition, nodes } = field;
  switch (read.is) {
    case 'property':
    case 'aliased': {
      const property = read.is === 'aliased' ? read.property : name;
      const source = isRefusable(field) ? field : null;
      const own = { name, property, definition, node: nodes[0], below: requestedRows(field), source };
      return [own, ...readBy(field).flatMap((one) => sourceField(field, one))];
    }
    case 'loaded':
      return [...read.keyFields, ...readBy(field)].flatMap((one) => sourceField(field, one));
    case 'resolver':
      return readBy(field).flatMap((one) => sourceField(field, one));
    case 'remote':
      return [];
  }
};
