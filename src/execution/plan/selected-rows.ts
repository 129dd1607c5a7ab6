import type { SelectedFields, SelectedRows } from '../../backend/field-mask/selected-rows.ts';
import type { Field, Selection, Shape } from './plan.ts';

const knownFields = new WeakMap<Field, SelectedRows>();
const knownTypes = new WeakMap<Selection, SelectedFields>();

const isList = (shape: Shape): boolean => shape.is === 'list';

/** The fields of the module's own rows, those that joins need included. */
const fieldsIn = (selection: Selection): SelectedFields => {
  const before = knownTypes.get(selection);
  if (before !== undefined) return before;
  const { fields, hidden } = selection.own;
  const selected = {
    type: selection.type,
    fields: [...fields, ...hidden].map((field) => ({
      name: field.name,
      isList: isList(field.shape),
      below: belowShape(field, field.shape),
    })),
  };
  knownTypes.set(selection, selected);
  return selected;
};

const belowShape = (field: Field, shape: Shape): SelectedRows => {
  switch (shape.is) {
    case 'leaf':
      return [];
    case 'list':
      return belowShape(field, shape.item);
    case 'object':
      return [fieldsIn(shape.selection)];
    case 'abstract':
      return field.module.schema.getPossibleTypes(shape.type).map((type) => fieldsIn(shape.selectionOf(type)));
  }
};

/** What is read from the values of a field, memoized: one object for each field of a plan. */
export const selectedRows = (field: Field): SelectedRows => {
  const before = knownFields.get(field);
  if (before !== undefined) return before;
  const rows = belowShape(field, field.shape);
  knownFields.set(field, rows);
  return rows;
};
