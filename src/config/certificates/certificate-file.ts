import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { printableText } from '../text.ts';

/** A file with certificates or a key, with the environment variable that names it. */
export interface CertificateFile {
  readonly variable: string;
  readonly path: string;
}

/** A fault of a file, as the end of a sentence that begins with its path: `is empty: …`. */
export class CertificateFileError extends Error {
  override readonly name = 'CertificateFileError';
  readonly file: CertificateFile;

  constructor(file: CertificateFile, fault: string, options?: ErrorOptions) {
    super(fault, options);
    this.file = file;
  }
}

/** Maximum size of a file in bytes: the authorities of a whole operating system have a quarter of it. */
const MAX_BYTES = 1_048_576;

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'cannot be read';
  return 'code' in error && typeof error.code === 'string' ? `cannot be read (${error.code})` : error.message;
};

/** Reads a file as text. @throws CertificateFileError, without content of the file */
export const readCertificateFile = async (file: CertificateFile): Promise<string> => {
  try {
    // Without O_NONBLOCK the open of a FIFO would wait for its writer.
    const handle = await open(file.path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = await handle.stat().then((stats) => {
        if (!stats.isFile()) throw new Error('is not a file: use the path of a file');
        return stats;
      });
      if (size > MAX_BYTES) throw new Error(`has more than ${MAX_BYTES} bytes: use a smaller file`);
      const text = await handle.readFile('latin1');
      if (text.trim() === '') throw new Error('is empty: use a file in PEM format');
      return text;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new CertificateFileError(file, reasonOf(error), { cause: error });
  }
};

/** Returns the fault of a file as a problem of its variable: `SHOP_TLS_KEY: /etc/key.pem is empty: …`. */
export const fileProblem = (error: CertificateFileError): string =>
  `${error.file.variable}: ${printableText(error.file.path)} ${error.message}`;
