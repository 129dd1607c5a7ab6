import type { z } from 'zod';
import { type Fix, group, listOption, orOff, whole } from '../option-kinds.ts';
import type { RedirectSettings } from './redirect.ts';

const originFix: Fix = (value) =>
  typeof value === 'string' && /^https?:/.test(value) && URL.parse(value)?.origin === value
    ? null
    : "use an origin without a path, as in 'https://files.example.com'";

const REDIRECTS = group({
  /** REST: maximum number of redirects of one attempt. Default 5: more is a loop. */
  max: whole(1).default(5),
  /**
   * REST: other origins that reads may be redirected to; these receive no header that could prove an identity. Default
   * none: such a redirect is UPSTREAM_BAD_RESPONSE.
   */
  origins: listOption<string>(originFix).default([]),
});

export interface RedirectOptions extends z.input<typeof REDIRECTS> {}

/** The option `redirects` of an upstream. */
export const REDIRECT_OPTION = orOff<RedirectSettings, RedirectOptions>(REDIRECTS).prefault({});

/** The settings; undefined if no redirect is followed. */
export const redirectSettings = (option: RedirectOptions | false | undefined): RedirectSettings | undefined =>
  REDIRECT_OPTION.parse(option) ?? undefined;
