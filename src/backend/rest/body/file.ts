import { GatewayError } from '../../../core/errors.ts';
import { isMediaType } from './codec.ts';

/** Content of a file: text is sent as UTF-8, a stream as it is produced. */
export type FileContent = string | Uint8Array | AsyncIterable<Uint8Array>;

export interface FileOptions {
  readonly content: FileContent;
  /** Name of the file, without a folder. */
  readonly name: string;
  /** Media type. Default `application/octet-stream`. */
  readonly type?: string;
}

/** A file in a multipart body. Made by `file`. */
export class FilePart implements Required<FileOptions> {
  readonly content: FileContent;
  readonly name: string;
  readonly type: string;

  constructor({ content, name, type = 'application/octet-stream' }: FileOptions) {
    if (!isMediaType(type))
      throw new GatewayError('BAD_USER_INPUT', 'The type of the file is no media type: use one such as image/png.');
    this.content = content;
    this.name = name;
    this.type = type;
  }
}

/**
 * A file for the option `multipart` of a call: `multipart: { photo: file({ content, name: 'cat.png', type: 'image/png'
 * }) }`. A call with a stream is sent once.
 *
 * @throws BAD_USER_INPUT for a type that is no media type, because it often comes from the client
 */
export const file = (options: FileOptions): FilePart => new FilePart(options);
