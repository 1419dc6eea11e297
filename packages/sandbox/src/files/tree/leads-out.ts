import { type BytePath, joined, parentOf } from '../path.ts';
import type { TreeEntry } from './tree-entry.ts';

/** As many as the kernel follows. */
const mostLinks = 40;
/** A target of many names is hostile: a million of them would keep this process busy for hours. */
const mostSteps = 512;

/**
 * Whether a link leads, or can lead, out of its tree. Followed as the kernel does, through the tree's other links: by the text alone
 * `a/b/up/../x` is inside, and is not where `up` is a link to `../..`. An absolute target leads out, as it means another place elsewhere.
 * A link that leads to itself, or to nothing, leads nowhere and not out.
 */
export function leadsOut(link: TreeEntry, tree: ReadonlyMap<BytePath, TreeEntry>): boolean {
  let at = parentOf(link.path);
  let followed = 0;
  let steps = 0;
  const ahead = namesOf(link.target);
  if (link.target.startsWith('/')) return true;
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    steps += 1;
    if (steps > mostSteps) return true;
    if (name === '..') {
      if (at === '') return true;
      at = parentOf(at);
      continue;
    }
    const next = joined(at, name);
    const entry = tree.get(next);
    if (entry?.kind !== 'link') {
      at = next;
      continue;
    }
    if (entry.target.startsWith('/')) return true;
    followed += 1;
    if (followed > mostLinks) return false;
    ahead.push(...namesOf(entry.target));
  }
  return false;
}

/** The names of a path, the first one last, as a stack. */
function namesOf(path: BytePath): BytePath[] {
  return path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .toReversed();
}
