import { GitHubIncomplete } from './errors.ts';

export const pageSize = 100;
/** More than GitHub ever shows of a list; an end that never comes is an error, not a list. */
export const mostPages = 1_000;

/** What one page of a list says. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Whether GitHub names a page after this one. */
  readonly more: boolean;
}

/** Reads a list to its end. Any page that cannot be read throws, so a list is never short. */
export async function allPages<Item>(what: string, read: (page: number) => Promise<Page<Item>>): Promise<Item[]> {
  const all: Item[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const { items, more } = await read(page);
    all.push(...items);
    if (!more) return all;
  }
  throw new GitHubIncomplete({ what, reason: `the list has more than ${mostPages} pages` });
}

/** A proxy may drop the Link header, and a filter may leave a page short of its size: either sign of a next page counts. */
export function hasNext(headers: { readonly link?: string | undefined }, count: number): boolean {
  return count >= pageSize || /<[^<>]*>;[^,]*\brel="next"/.test(headers.link ?? '');
}
