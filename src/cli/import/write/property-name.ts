import { quoted } from '../../codegen/layout.ts';

/** A property as written in an object. */
export const propertyName = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name));
