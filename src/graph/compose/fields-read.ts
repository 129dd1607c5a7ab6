import { type FieldNode, Kind } from 'graphql';
import type { FieldRead } from '../directives/authorization/requirements.ts';
import { fieldsIn, type ModuleSdl, namedType } from './sdl.ts';

/** The fields that one field of a type reads in the modules that have it: itself, and those selected below it. */
export const fieldsRead = (sdls: readonly ModuleSdl[], type: string, node: FieldNode): readonly FieldRead[] => {
  const { name, selectionSet } = node;
  const below = (selectionSet?.selections ?? []).filter((one) => one.kind === Kind.FIELD);
  const types = sdls.flatMap((sdl) =>
    fieldsIn(sdl, type).flatMap(([field, { type: returned }]) => (field === name.value ? [namedType(returned)] : [])),
  );
  const inner = [...new Set(types)].flatMap((returned) => below.flatMap((one) => fieldsRead(sdls, returned, one)));
  const hasArguments = (node.arguments?.length ?? 0) > 0;
  return [{ type, field: name.value, node: hasArguments ? node : undefined }, ...inner];
};
