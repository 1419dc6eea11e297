import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { at, description, type Json } from './description.ts';
import type { Template } from './used.ts';

export type Problem = ErrorObject;
type Check = (value: unknown) => readonly Problem[];

export interface OperationChecks {
  /** Path and query parameters. Turns their text into the described types and fills in defaults, in place. */
  readonly parameters: Check;
  readonly body: Check;
  /** Undefined where the description knows no JSON answer for the status. */
  readonly answer: (status: number) => Check | undefined;
}

const document = 'github';
const options = { strict: false, allErrors: true, validateSchema: false, logger: false } as const;
const compiled = new Map<string, ValidateFunction>();
let strict: Ajv | undefined;
let coercing: Ajv | undefined;

/** The checks of one operation. Each is compiled at its first use, then kept: a pull request's takes a quarter of a second. */
export function operationChecks(method: string, template: Template): OperationChecks {
  const path = ['paths', template, method.toLowerCase()];
  if (at(description(), path) === undefined) throw new Error(`GitHub's description has no ${method} ${template}`);
  return {
    parameters: (value) => run(`${method} ${template}`, value, () => parameterAjv().compile(parameterSchema(path))),
    body: (value) => checkPart([...path, 'requestBody', 'content', 'application/json', 'schema'])?.(value) ?? [],
    answer: (status) => checkPart([...path, 'responses', String(status), 'content', 'application/json', 'schema']),
  };
}

/** The check of a webhook's payload, undefined for an event that the description does not have. */
export function payloadCheck(event: string, action: string | undefined): Check | undefined {
  const name = [event, action]
    .filter((part) => part !== undefined)
    .join('-')
    .replaceAll('_', '-');
  return checkPart(['x-webhooks', name, 'post', 'requestBody', 'content', 'application/json', 'schema']);
}

function checkPart(path: readonly string[]): Check | undefined {
  if (at(description(), path) === undefined) return undefined;
  const pointer = path.map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
  return (value) => run(pointer, value, () => bodyAjv().compile({ $ref: `${document}#/${pointer}` }));
}

function run(key: string, value: unknown, compile: () => ValidateFunction): readonly Problem[] {
  const validate = compiled.get(key) ?? compile();
  compiled.set(key, validate);
  return validate(value) ? [] : (validate.errors ?? []);
}

function parameterSchema(operation: readonly string[]): Json {
  const declared = (at(description(), [...operation, 'parameters']) ?? []) as Json[];
  const parameters = declared.map((parameter) => {
    const reference = parameter['$ref'];
    return typeof reference === 'string'
      ? (at(description(), reference.slice('#/'.length).split('/')) as Json)
      : parameter;
  });
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.filter(({ required }) => required === true).map(({ name }) => name),
  };
}

function bodyAjv(): Ajv {
  strict ??= formats.default(new Ajv(options)).addSchema(description(), document);
  return strict;
}

function parameterAjv(): Ajv {
  coercing ??= formats.default(new Ajv({ ...options, coerceTypes: true, useDefaults: true }));
  return coercing;
}
