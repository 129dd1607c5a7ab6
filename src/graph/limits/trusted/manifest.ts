/** The texts of a manifest by the id that clients send. */
export type Manifest = ReadonlyMap<string, string>;

// https://www.apollographql.com/docs/graphos/platform/security/persisted-queries#manifest-format
const APOLLO_FORMAT = 'apollo-persisted-query-manifest';

const MAX_ID_LENGTH = 255;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const checkedId = (id: unknown, where: string): string => {
  if (typeof id === 'string' && id !== '' && id.length <= MAX_ID_LENGTH) return id;
  throw new Error(`has an id that is not a text of 1 to ${MAX_ID_LENGTH} characters (${where})`);
};

const checkedText = (text: unknown, id: string): string => {
  if (typeof text === 'string' && text.trim() !== '') return text;
  throw new Error(`has no text for the id ${id}`);
};

/** Apollo's manifest: a list of operations, each with its id and its text. */
const apolloEntries = ({ version, operations }: Fields): readonly (readonly [string, string])[] => {
  if (version !== 1) throw new Error('has another version than 1 of the manifest format of Apollo');
  if (!Array.isArray(operations)) throw new Error('has no list of operations');
  return operations.map((operation: unknown, at) => {
    const { id, body }: Fields = isFields(operation) ? operation : {};
    const known = checkedId(id, `operation ${at + 1}`);
    return [known, checkedText(body, known)];
  });
};

/** The manifest of Relay, GraphQL Code Generator and Hive: an object of texts by id. */
const flatEntries = (fields: Fields): readonly (readonly [string, string])[] =>
  Object.entries(fields).map(([id, text], at) => [checkedId(id, `entry ${at + 1}`), checkedText(text, id)]);

/**
 * Parses the manifest of a client's build: that of Apollo (`generate-persisted-query-manifest`), or an object of texts
 * by id, as Relay's compiler and GraphQL Code Generator write it. The texts are not parsed.
 *
 * @throws Error with the reason for which the manifest cannot be used
 */
export const parseManifest = (json: string): Manifest => {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Error('is not JSON');
  }
  if (!isFields(value)) throw new Error('is not a JSON object');
  const entries = value.format === APOLLO_FORMAT ? apolloEntries(value) : flatEntries(value);
  const manifest = new Map<string, string>();
  for (const [id, text] of entries) {
    if ((manifest.get(id) ?? text) !== text) throw new Error(`has two documents with the id ${id}`);
    manifest.set(id, text);
  }
  return manifest;
};
