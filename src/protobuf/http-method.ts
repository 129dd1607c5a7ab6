import { type DescMethod, getOption, hasOption, isMessage, type Registry } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';

const EXTENSION = 'google.api.http';
const VERBS: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'patch']);

/**
 * Returns the function that reads the HTTP method of a method's `google.api.http` option, in capitals; null without
 * one. https://google.aip.dev/127
 */
export const httpMethodReader = (registry: Registry): ((method: DescMethod) => string | null) => {
  const extension = registry.getExtension(EXTENSION);
  return (method) => {
    if (extension === undefined || !hasOption(method, extension)) return null;
    const rule: unknown = getOption(method, extension);
    if (extension.message === undefined || !isMessage(rule, extension.message)) return null;
    const set = reflect(extension.message, rule);
    const verb = extension.message.fields.find((field) => VERBS.has(field.name) && set.isSet(field));
    return verb?.name.toUpperCase() ?? null;
  };
};
