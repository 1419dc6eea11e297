import { type BytePath, joined, parentOf } from '../path.ts';
import type { TreeEntry } from './tree-entry.ts';

/** As many as the kernel follows. */
const mostLinks = 40;
/** A target of many names is hostile: a million of them would keep this process busy for hours. */
const mostSteps = 512;
/** Of all links of one tree: hundreds of thousands of them would together do the same. */
const mostStepsOfTree = 2_000_000;

/** What is left of the steps for one tree. */
export interface Steps {
  left: number;
}

export function stepsOfTree(): Steps {
  return { left: mostStepsOfTree };
}

/**
 * Whether a link leads, or can lead, out of its tree. Followed as the kernel does, through the tree's other links: by the text alone
 * `a/b/up/../x` is inside, and is not where `up` is a link to `../..`. An absolute target leads out, as it means another place elsewhere.
 * A link that leads to itself, or to nothing, leads nowhere and not out. Where no steps are left it counts as one that leads out.
 */
export function leadsOut(link: TreeEntry, tree: ReadonlyMap<BytePath, TreeEntry>, ofTree = stepsOfTree()): boolean {
  let at = parentOf(link.path);
  let followed = 0;
  let steps = 0;
  const ahead = namesOf(link.target);
  if (link.target.startsWith('/')) return true;
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    steps += 1;
    ofTree.left -= 1;
    if (steps > mostSteps || ofTree.left < 0) return true;
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
