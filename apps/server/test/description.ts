import { fromJSONSchema, type ZodType } from 'zod';

/** An OpenAPI description, as far as the tests read it. */
export interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

export interface Described {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly { readonly in: 'path' | 'query' | 'header'; readonly name: string }[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema: object }>>;

export interface Operation extends Described {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
}

/** All operations of a description, by their ids. */
export function operationsOf({ paths }: Description): Map<string, Operation> {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      ...described,
      path,
      method: method.toUpperCase() as Operation['method'],
    })),
  );
  return new Map(all.map((operation) => [operation.operationId, operation]));
}

export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** What an answer has that its description does not say: status, content type, or body. Undefined when it is as described. */
export function deviation(description: Description, operation: Operation, answer: Answer): string | undefined {
  const described = operation.responses[String(answer.statusCode)];
  if (!described) return `the status ${answer.statusCode} is not described: ${answer.body.slice(0, 300)}`;
  if (!described.content)
    return answer.body === '' ? undefined : `${answer.statusCode} has a body, and is described without`;
  const type = String(answer.headers['content-type']).split(';', 1)[0] ?? '';
  const schema = described.content?.[type]?.schema;
  if (!schema) return `the content type ${type} is not described for ${answer.statusCode}`;
  const body: unknown = type === 'application/json' ? JSON.parse(answer.body) : answer.body;
  const held = schemaOf(description, schema).safeParse(body);
  return held.success ? undefined : `${answer.statusCode}: ${held.error.message}`;
}

function schemaOf({ components }: Description, schema: object): ZodType {
  const text = JSON.stringify({ ...schema, $defs: components.schemas });
  return fromJSONSchema(
    JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as Parameters<typeof fromJSONSchema>[0],
  );
}
