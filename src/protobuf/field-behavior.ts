import { type DescExtension, type DescField, getOption, hasOption, type Registry } from '@bufbuild/protobuf';

const EXTENSION = 'google.api.field_behavior';

/**
 * Returns the function that reads the names of a field's `google.api.field_behavior` option; empty without one.
 * https://google.aip.dev/203
 */
export const fieldBehaviorReader = (registry: Registry): ((field: DescField | DescExtension) => readonly string[]) => {
  const extension = registry.getExtension(EXTENSION);
  return (field) => {
    if (field.kind !== 'field' || extension === undefined || !hasOption(field, extension)) return [];
    const values: unknown = getOption(field, extension);
    const names = extension.enum?.value;
    return Array.isArray(values) ? values.flatMap((value) => names?.[Number(value)]?.name ?? []) : [];
  };
};
