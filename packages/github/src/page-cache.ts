import type { Page } from './pages.ts';

interface Kept<Item> extends Page<Item> {
  readonly etag: string;
}

/** Pages of lists by what was asked, each with its ETag. The one that was not asked for the longest goes first. */
export interface PageCache<Item> {
  get(key: string): Kept<Item> | undefined;
  set(key: string, page: Kept<Item>): void;
}

export function createPageCache<Item>(mostPages: number): PageCache<Item> {
  const pages = new Map<string, Kept<Item>>();
  return {
    get: (key) => {
      const page = pages.get(key);
      if (page) {
        // A map keeps the order of insertion: the newest is last.
        pages.delete(key);
        pages.set(key, page);
      }
      return page;
    },
    set: (key, page) => {
      pages.delete(key);
      pages.set(key, page);
      const [oldest] = pages.keys();
      if (pages.size > mostPages && oldest !== undefined) pages.delete(oldest);
    },
  };
}
