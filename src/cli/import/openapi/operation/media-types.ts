import { type Json, jsonIn } from '../../json.ts';

const isJsonMedia = (media: string): boolean => /^application\/([^;]*\+)?json\b/i.test(media) || media === '*/*';

/** The schema of a JSON body among the media types; undefined if there is none. */
export const jsonSchemaOf = (content: Json): { readonly media: string; readonly schema: unknown } | undefined => {
  const found = Object.entries(content).find(([media]) => isJsonMedia(media));
  return found && { media: found[0], schema: jsonIn(found[1]).schema };
};

/** True for text that is read as a whole: not for a stream of events. */
export const isTextMedia = (media: string): boolean =>
  /^text\/(?!event-stream)/i.test(media) || /^application\/([^;]*\+)?(xml|yaml)\b/i.test(media);

/** True for bytes: neither text, nor fields of a form, nor a stream of parts. */
export const isBinaryMedia = (media: string): boolean =>
  /^(application|audio|font|image|model|video)\//i.test(media) &&
  !/^application\/([^;]*\+)?(json(-seq|l)?|x-ndjson|xml|yaml|x-www-form-urlencoded)\b/i.test(media);
