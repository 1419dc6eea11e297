import type { Check } from '../finding.ts';

/** A path of the container at which something is mounted. */
export const mountPath: Check = (text) => {
  if (!text.startsWith('/')) {
    return { problem: 'is not absolute', fix: `Begin it with /, for example /${suggestion(text)}.` };
  }
  if (text.includes(':'))
    return { problem: 'has a colon, which Kubernetes does not take here', fix: 'Choose a path without :.' };
  if (hasParent(text)) return noParents;
  if (hasControl(text)) return noControls;
  return normalPath(text) === '/'
    ? {
        problem: 'is the root of the container, which cannot be mounted over',
        fix: 'Mount at a folder, for example /data.',
      }
    : undefined;
};

/** A path of the node. */
export const hostPath: Check = (text) => {
  if (!text.startsWith('/'))
    return { problem: 'is not absolute', fix: 'Write the whole path on the node, beginning with /.' };
  if (hasParent(text)) return noParents;
  return hasControl(text) ? noControls : undefined;
};

/** A path inside a volume. */
export const relativePath: Check = (text) => {
  if (text === '') return { problem: 'is empty', fix: 'Write a path inside the volume, or leave it out.' };
  if (text.startsWith('/')) return { problem: 'is not relative', fix: 'Leave out the / at its beginning.' };
  if (hasParent(text)) return noParents;
  return hasControl(text) ? noControls : undefined;
};

/** A path to which one key of a ConfigMap or Secret is written. */
export const projectedPath: Check = (text) =>
  relativePath(text) ??
  (text.startsWith('..')
    ? { problem: 'begins with two dots, which Kubernetes keeps for itself', fix: 'Choose another name.' }
    : undefined);

/** Equal for paths that are the same place: without `.`, without empty parts, without a slash at the end. */
export function normalPath(path: string): string {
  return `/${path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')}`;
}

const noParents = { problem: 'has ".." in it', fix: 'Write the path that it leads to.' };
const noControls = { problem: 'has control characters', fix: 'Write it without line breaks, tabs and the like.' };

function hasParent(path: string): boolean {
  return path.split('/').includes('..');
}

function hasControl(path: string): boolean {
  return /\p{Cc}/u.test(path);
}

function suggestion(path: string): string {
  return /^[\w.-]{1,40}(\/[\w.-]{1,40}){0,4}$/.test(path) && !hasParent(path) ? path : 'data';
}
