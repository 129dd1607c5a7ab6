import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../modules/module-folder.ts';

/** A folder with files of certificates and keys, until the test ends. */
export interface CertificateFolder {
  path(file: string): string;
  /** Replaces a file by a rename, as most programs do. */
  replace(file: string, text: string): void;
}

export const certificateFolder = (files: Readonly<Record<string, string>>): CertificateFolder => {
  const folder = folderWith(files);
  const path = (file: string) => join(folder, file);
  return {
    path,
    replace: (file, text) => {
      writeFileSync(path('.new'), text);
      renameSync(path('.new'), path(file));
    },
  };
};

/** A mounted secret of Kubernetes: each file is a link through `..data`, which is swapped to replace all files together. */
export interface MountedSecret {
  path(file: string): string;
  swap(files: Readonly<Record<string, string>>): void;
}

export const mountedSecret = (files: Readonly<Record<string, string>>): MountedSecret => {
  const folder = folderWith({});
  let version = 0;
  const swap = (next: Readonly<Record<string, string>>): void => {
    version += 1;
    const name = `..version-${version}`;
    mkdirSync(join(folder, name));
    for (const [file, text] of Object.entries(next)) writeFileSync(join(folder, name, file), text);
    symlinkSync(name, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  swap(files);
  for (const file of Object.keys(files)) symlinkSync(join('..data', file), join(folder, file));
  return { path: (file) => join(folder, file), swap };
};
