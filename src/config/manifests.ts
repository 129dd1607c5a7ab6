import { z } from 'zod';
import { hasInvisible, partsOf } from './text.ts';

/** A manifest of trusted documents, with the clients that may use it. */
export interface ManifestSettings {
  /** Path of the file. */
  readonly path: string;
  /** Required name of the client; null for every client. */
  readonly client: string | null;
  /** Prefix of the ids that clients send: `<name>~<version>~` for an app deployment of Hive, else empty. */
  readonly prefix: string;
}

const FORM = 'must be <path>[;client=<name>][;app=<name>~<version>], the paths of manifests, separated by commas';

const APP = /^[\w.-]{1,64}~[\w.+-]{1,64}$/;

const readOne = (part: string): ManifestSettings | null => {
  const [path = '', ...options] = part.split(';').map((text) => text.trim());
  const found = new Map(
    options.map((option) => {
      const [name = '', ...value] = option.split('=');
      return [name.trim(), value.join('=').trim()];
    }),
  );
  const { client = null, app = null, ...others } = Object.fromEntries(found);
  const isValid = path !== '' && client !== '' && (app === null || APP.test(app));
  if (!isValid || found.size !== options.length || Object.keys(others).length > 0) return null;
  return { path, client, prefix: app === null ? '' : `${app}~` };
};

/** Manifests of trusted documents. Default none. */
export const manifests = z
  .string()
  .transform((text, context): readonly ManifestSettings[] =>
    partsOf(text).flatMap((part) => {
      const one = hasInvisible(part) ? null : readOne(part);
      if (one === null) context.addIssue(FORM);
      return one ?? [];
    }),
  )
  .default([]);
