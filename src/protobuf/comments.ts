import type { DescEnum, DescField, DescFile, DescMessage, DescMethod, DescService } from '@bufbuild/protobuf';

type Commented = DescMessage | DescEnum | DescField | DescService | DescMethod;

// Field numbers of descriptor.proto, the elements of the paths of source locations.
const MESSAGES = 4;
const ENUMS = 5;
const SERVICES = 6;
const FIELDS = 2;
const NESTED_MESSAGES = 3;
const NESTED_ENUMS = 4;
const METHODS = 2;

const pathOf = (desc: Commented): readonly number[] => {
  switch (desc.kind) {
    case 'message':
      return desc.parent === undefined
        ? [MESSAGES, desc.file.proto.messageType.indexOf(desc.proto)]
        : [...pathOf(desc.parent), NESTED_MESSAGES, desc.parent.proto.nestedType.indexOf(desc.proto)];
    case 'enum':
      return desc.parent === undefined
        ? [ENUMS, desc.file.proto.enumType.indexOf(desc.proto)]
        : [...pathOf(desc.parent), NESTED_ENUMS, desc.parent.proto.enumType.indexOf(desc.proto)];
    case 'field':
      return [...pathOf(desc.parent), FIELDS, desc.parent.proto.field.indexOf(desc.proto)];
    case 'service':
      return [SERVICES, desc.file.proto.service.indexOf(desc.proto)];
    case 'rpc':
      return [...pathOf(desc.parent), METHODS, desc.parent.proto.method.indexOf(desc.proto)];
  }
};

/** Returns the file of a declaration. */
export const fileOf = (desc: Commented): DescFile =>
  desc.kind === 'field' || desc.kind === 'rpc' ? desc.parent.file : desc.file;

/** Returns the comments of a file by the paths of their declarations. */
const commentsIn = (file: DescFile): ReadonlyMap<string, string> => {
  const locations = file.proto.sourceCodeInfo?.location ?? [];
  const found = locations.flatMap(({ path, leadingComments, trailingComments }) => {
    const text = leadingComments === '' ? trailingComments : leadingComments;
    const lines = text.split('\n').map((line) => line.trim());
    return text === '' ? [] : [[path.join(), lines.join('\n').trim()] as const];
  });
  return new Map(found);
};

/**
 * Returns the comment in front of a declaration, or else the one behind it; null for a declaration without comments.
 */
export type ReadComment = (desc: Commented) => string | null;

export const commentReader = (): ReadComment => {
  const files = new Map<DescFile, ReadonlyMap<string, string>>();
  return (desc) => {
    const file = fileOf(desc);
    const comments = files.get(file) ?? commentsIn(file);
    files.set(file, comments);
    return comments.get(pathOf(desc).join()) || null;
  };
};
