import type { Call } from './route.ts';

const largestPage = 100;

/** The asked page of a list, and the Link header that leads to the others, as GitHub gives it. */
export function page<T>(call: Call, items: readonly T[]): { items: T[]; headers: Record<string, string> } {
  const size = Math.min(Math.max(Number(call.parameters['per_page'] ?? 30), 1), largestPage);
  const number = Math.max(Number(call.parameters['page'] ?? 1), 1);
  const last = Math.max(Math.ceil(items.length / size), 1);
  const targets = {
    ...(number > 1 ? { prev: Math.min(number - 1, last), first: 1 } : {}),
    ...(number < last ? { next: number + 1, last } : {}),
  };
  const links = Object.entries(targets).map(([relation, target]) => {
    const url = new URL(call.url, call.world.origin());
    url.searchParams.set('page', String(target));
    return `<${url.href}>; rel="${relation}"`;
  });
  return {
    items: items.slice((number - 1) * size, number * size),
    headers: links.length === 0 ? {} : { link: links.join(', ') },
  };
}
