import type { Caller } from './app-auth.ts';
import type { Conversions } from './manifest/conversions.ts';
import type { Deliveries, Hook } from './deliveries.ts';
import type { Json } from './openapi/description.ts';
import type { Template } from './openapi/used.ts';
import type { Budget } from './rate-limit.ts';
import type { Repository, World } from './state.ts';

/** One operation of GitHub's API: the description checks what goes in and out, `answer` says what happens. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: Template;
  readonly caller: 'app' | 'installation' | 'anybody';
  /** Any of these rights of the installation token is enough. */
  readonly needs?: readonly Right[];
  readonly answer: (call: Call) => Answer | Promise<Answer>;
}

export type Right =
  `${'checks' | 'contents' | 'issues' | 'metadata' | 'pull_requests' | 'statuses'}:${'read' | 'write'}`;

/** What an answer may need besides the world. */
export interface Services {
  readonly hook: Hook;
  readonly deliveries: Deliveries;
  readonly budget: Budget;
  readonly conversions: Conversions;
}

export interface Call extends Services {
  readonly world: World;
  readonly caller: Caller | undefined;
  /** Path and query parameters, checked, with defaults. */
  readonly parameters: Readonly<Record<string, string | number | undefined>>;
  readonly body: Json;
  readonly accept: string;
  /** Path and query as sent, for links to other pages. */
  readonly url: string;
  /** A web page sent the request. */
  readonly fromBrowser: boolean;
  /** The repository that the path names, which the caller may see. Throws where the path names none. */
  readonly repository: () => Repository;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** In place of a body, where the client asked for the file itself. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  body,
  headers,
});
export const created = (body: Json): Answer => ({
  status: 201,
  body,
  headers: typeof body['url'] === 'string' ? { location: body['url'] } : {},
});
