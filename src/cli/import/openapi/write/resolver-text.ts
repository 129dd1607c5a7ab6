import { quoted } from '../../../codegen/layout.ts';
import { oneLine } from '../../names/names.ts';
import { propertyName } from '../../write/property-name.ts';
import type { ImportedArgument, ImportedBody, ImportedPages, RootField } from '../imported-module.ts';
import { accessed, pageResponse } from './page-response.ts';
import type { Validators } from './validators.ts';

/** Writes resolvers of root fields. */
export interface ResolverText {
  /** The property of a resolver, with its comments. */
  resolver(field: RootField, loader: string | null): string;
  /** Helpers that the resolvers use, in addition to those of the validators. */
  readonly helpers: ReadonlySet<string>;
}

const property = (name: string, value: string): string => (name === value ? name : `${propertyName(name)}: ${value}`);

const objectText = (members: readonly string[]): string => (members.length === 0 ? '{}' : `{ ${members.join(', ')} }`);

class Writer implements ResolverText {
  readonly helpers = new Set<string>();
  readonly #validators: Validators;

  constructor(validators: Validators) {
    this.#validators = validators;
  }

  #sent({ name, type, style, place, isRequired }: ImportedArgument, isStyled = false): string {
    const value = `args.${name}`;
    const isDate = type.kind === 'scalar' && type.name === 'Date';
    if (isDate) this.helpers.add('dayOf');
    if (place === 'path') {
      if (isDate) return `String(dayOf(${value}))`;
      if (type.kind === 'scalar' && type.name === 'DateTime') return `${value}.toISOString()`;
      return type.kind === 'scalar' && type.name === 'Boolean' ? `String(${value})` : value;
    }
    if (isDate) return `dayOf(${value})`;
    if (style === 'comma' && !isStyled) return `${value}${isRequired ? '' : '?'}.join(',')`;
    const encoder = this.#validators.encoder(type);
    return encoder === null ? value : `${encoder}.nullish().parse(${value})`;
  }

  #headers({ args, body }: RootField): string[] {
    const type = body?.contentType;
    const own = body && type ? [this.#withBody(body, `'content-type': ${quoted(type)}`)] : [];
    const headers = args.filter(({ place }) => place === 'header');
    if (headers.length + own.length === 0) return [];
    const members = headers.map((argument) => {
      const value = `args.${argument.name}`;
      const text =
        argument.type.kind === 'scalar' && argument.type.name === 'DateTime'
          ? `${value}.toUTCString()`
          : `String(${value})`;
      const member = `${propertyName(argument.parameter)}: ${text}`;
      return argument.isRequired ? member : `...(${value} === null || ${value} === undefined ? {} : { ${member} })`;
    });
    return [`headers: ${objectText([...own, ...members])}`];
  }

  /** The options path, query and headers of a call. */
  #target(field: RootField, more: readonly string[] = []): string[] {
    const { args } = field;
    const lists = args.filter(({ type, place }) => place === 'query' && type.kind === 'list');
    const isDeep = args.some(({ style }) => style === 'deep');
    // One style for the call, if it fits all lists; others are joined one by one.
    const isComma = !isDeep && lists.length > 0 && lists.every(({ style }) => style === 'comma');
    const of = (place: ImportedArgument['place']) =>
      args
        .filter((argument) => argument.place === place)
        .map((argument) => property(argument.parameter, this.#sent(argument, isComma)));
    const [path, query] = [of('path'), [...of('query'), ...more]];
    return [
      ...(path.length > 0 ? [`path: ${objectText(path)}`] : []),
      ...(query.length > 0 ? [`query: ${objectText(query)}`] : []),
      ...(isDeep || isComma ? [`queryStyle: '${isDeep ? 'deep' : 'comma'}'`] : []),
      ...this.#headers(field),
    ];
  }

  #body({ body }: RootField): string[] {
    if (body === null) return [];
    if (body.option === 'text' || body.option === 'bytes')
      return [this.#withBody(body, property(body.option, 'args.input'))];
    const encoder = this.#validators.encoder(body.type);
    const value =
      encoder === null
        ? body.isRequired || body.option === 'body'
          ? 'args.input'
          : 'args.input ?? {}'
        : body.isRequired
          ? `${encoder}.parse(args.input)`
          : `${encoder}.parse(args.input ?? {})`;
    return [property(body.option, value), ...(body.style === null ? [] : [`formStyle: ${quoted(body.style)}`])];
  }

  /** A property that is left out if the call has no body. Neither a header of the body nor undefined is allowed then. */
  #withBody({ option, isRequired, type }: ImportedBody, member: string): string {
    const isSent = isRequired || (option === 'body' && this.#validators.encoder(type) !== null);
    return isSent ? member : `...(args.input === null || args.input === undefined ? {} : { ${member} })`;
  }

  #call(field: RootField): string {
    const { method, path, result } = field;
    const response =
      result.as === 'none'
        ? ["as: 'none'"]
        : result.as !== 'json'
          ? [`as: ${quoted(result.as)}`]
          : [`response: ${this.#response(field)}`];
    const options = [...this.#target(field), ...this.#body(field), ...response];
    return `clients.api.${method}(${quoted(path)}, {\n${options.map((option) => `        ${option},`).join('\n')}\n      })`;
  }

  /** A root field may be null: a response without a body is null. */
  #response({ result }: RootField): string {
    return result.type === null ? 'z.undefined()' : `${this.#validators.row(result.type)}.nullable().default(null)`;
  }

  #connection(field: RootField, pages: ImportedPages): string {
    const { style, limit, position, size, maxSize, firstPage } = pages;
    const received = { offset: 'offset', page: 'page', cursor: 'after', token: 'token', link: 'query' }[style];
    const sizeName = style === 'page' ? 'size' : 'limit';
    const given = [received, ...(limit === null ? [] : [sizeName])];
    const more = [
      ...(limit === null ? [] : [property(limit, sizeName)]),
      style === 'link' ? '...query' : property(position, received),
    ];
    const call = style === 'link' ? 'getPage' : 'get';
    const options = [...this.#target(field, more), `response: ${pageResponse(pages, this.#validators)}`];
    const value = style === 'link' ? 'value' : 'found';
    const rows = pages.rows.length === 0 ? value : `${accessed(value, pages.rows)} ?? []`;
    const results = [
      `rows: ${rows}`,
      ...(style === 'link' ? ['next'] : []),
      ...(pages.next === null ? [] : [`next: ${accessed(value, pages.next)}`]),
      ...(pages.total === null ? [] : [`total: ${accessed(value, pages.total)}`]),
      ...(pages.hasMore === null || style === 'token' || style === 'link'
        ? []
        : [`hasMore: ${accessed(value, pages.hasMore)} ?? undefined`]),
    ];
    return [
      'connection({',
      `        style: ${quoted(style)},`,
      '        args,',
      ...(size === null ? [] : [`        size: ${size},`]),
      ...(maxSize === null ? [] : [`        maxSize: ${maxSize},`]),
      ...(style === 'page' && firstPage === 0 ? ['        firstPage: 0,'] : []),
      ...(style === 'link' ? [`        parameters: [${quoted(position)}],`] : []),
      `        fetch: async ({ ${given.join(', ')} }) => {`,
      `          const ${style === 'link' ? '{ value, next }' : 'found'} = await clients.api.${call}(${quoted(field.path)}, {`,
      ...options.map((option) => `            ${option},`),
      '          });',
      `          return { ${results.join(', ')} };`,
      '        },',
      // After `fetch`, of which the compiler infers the type of a row.
      ...(pages.cursor === null ? [] : [`        cursor: (row) => String(row.${pages.cursor}),`]),
      '      })',
    ].join('\n');
  }

  resolver(field: RootField, loader: string | null): string {
    const args = `${field.root}Args<'${field.name}'>`;
    const notes = [
      ...field.notes,
      ...(field.method === 'post'
        ? ['Sent once. If the backend accepts an Idempotency-Key, pass the option idempotencyKey.']
        : []),
    ];
    const comments = notes.map((note) => `    // ${oneLine(note)}\n`).join('');
    const names = [...field.args.map(({ name }) => name), ...(field.body === null ? [] : ['input'])];
    // Never destructured: an argument may have the name of a keyword or of a function of the file.
    const list = names.length === 0 && field.pages === null ? `_args: ${args}` : `args: ${args}`;
    const head = (parameter: string, context: string) =>
      `${comments}    ${field.name}: (_root: unknown, ${parameter}, { ${context} }: Call) =>\n      `;
    if (loader !== null) return `${head(list, 'loaders')}loaders.${loader}.load(args.${names[0]}),`;
    if (field.pages !== null) return `${head(list, 'clients')}${this.#connection(field, field.pages)},`;
    const isDone = field.result.as === 'none';
    return `${head(list, 'clients')}${this.#call(field)}${isDone ? '.then(() => true)' : ''},`;
  }
}

/** Creates a writer of resolvers. */
export const resolverText = (validators: Validators): ResolverText => new Writer(validators);
