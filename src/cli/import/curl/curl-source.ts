import type { ImportOptions } from '../import-options.ts';
import type { ImportDependencies, ImportSource } from '../import-source.ts';
import { jsonIn, textIn } from '../json.ts';
import { wordsOfName } from '../names/names.ts';
import { readContract } from '../openapi/document/contract.ts';
import { openapiFolder } from '../openapi/openapi-folder.ts';
import { operationsOf } from '../openapi/operation/operations.ts';
import { selectOperations } from '../openapi/operation/select-operations.ts';
import { readOpenapi } from '../openapi/read-openapi.ts';
import { renamedModule } from '../openapi/renamed-module.ts';
import { localBytes, shownPath } from '../read-source.ts';
import { curlDocument } from './curl-document.ts';
import { type CurlRequest, curlRequest } from './curl-request.ts';
import { requestCredentials } from './request-credentials.ts';
import { type CurlAnswer, MAX_ANSWER_BYTES, sendRequest } from './send-request.ts';

const recorded = async (file: string): Promise<CurlAnswer> => ({
  type: '',
  bytes: await localBytes(file, shownPath(file), MAX_ANSWER_BYTES),
});

/** The command with {name} and … in place of all values. */
const shownCommand = ({ method, url, headers, body }: CurlRequest, path: string): string => {
  const query = [...new Set(url.searchParams.keys())]
    .map((name) => `${name}={${name.replaceAll(/\W/g, '')}}`)
    .join('&');
  const data = body === null ? [] : body.kind === 'whole' ? ['-d …'] : body.fields.map(({ name }) => `-F ${name}=…`);
  return [
    `curl -X ${method.toUpperCase()} "${url.origin}${path}${query === '' ? '' : `?${query}`}"`,
    ...[...headers.keys()].map((name) => `-H "${name}: …"`),
    ...data,
  ].join(' ');
};

/** Words of the host that name the backend: `stripe` of api.stripe.com; none of an address. */
const hostName = ({ hostname }: URL): string => {
  const [name = ''] = hostname.replace(/^(api|www|rest|gateway)\./, '').split('.');
  return /^(localhost|\d+|\[.*)$/.test(name) ? '' : name;
};

/** Reads the types of one call: a curl command that is sent once, or whose answer is in a file. */
export const curlSource = async (options: ImportOptions, dependencies: ImportDependencies): Promise<ImportSource> => {
  const request = await curlRequest(options.source);
  const answer = options.answer === null ? await sendRequest(request, dependencies) : await recorded(options.answer);
  const document = curlDocument(request, answer);
  const [path = '/'] = Object.keys(jsonIn(document.paths));
  const name = shownCommand(request, path);
  const contract = await readContract({ name: 'The answer', location: '', value: document });
  const [noun = ''] = path.split('/').filter((segment) => segment !== '' && !/[{}]|^(api|v\d+)$/i.test(segment));
  return {
    name,
    names: [hostName(request.url), wordsOfName(noun).join(' '), textIn(jsonIn(document.info).title) ?? ''],
    convert: (module, taken) => {
      const operations = operationsOf(contract);
      const reads = new Set(
        options.reads.length === 0 ? [] : selectOperations(operations, options.reads, true, '--reads'),
      );
      const imported = renamedModule(
        readOpenapi(contract, operations, { module, reads, taken }),
        options.renames,
        taken,
      );
      return openapiFolder({ ...imported, ...requestCredentials(request, module) });
    },
  };
};
