import type { FaultInput } from './input.ts';

type Match = FaultInput['match'];

export interface RequestSeen {
  readonly method: string;
  /** Without the query, with the repository's name also where the caller gave its id. */
  readonly path: string;
}

export interface DeliverySeen {
  readonly event: string;
  readonly action: string | null;
}

export function matchesRequest({ method, path, event }: Match, seen: RequestSeen): boolean {
  if (event !== undefined || (method !== undefined && method !== seen.method)) return false;
  return path === undefined || patternOf(path).test(seen.path);
}

export function matchesDelivery({ event }: Match, seen: DeliverySeen): boolean {
  return event === seen.event || event === `${seen.event}.${seen.action}`;
}

/** `*` stands for one segment or a part of one, `**` for any number of them. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.split(/(\*+)/).map(partOf).join('')}$`);
}

function partOf(text: string): string {
  if (text === '*') return '[^/]+';
  return text.startsWith('*') ? '.*' : text.replaceAll(/[\\^$.+?()[\]{}|]/g, String.raw`\$&`);
}
