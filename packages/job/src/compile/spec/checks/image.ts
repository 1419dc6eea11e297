import type { Check } from '../finding.ts';

const hostPattern =
  /^([A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?$/;
const partPattern = /^[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*$/;
const digestPattern = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

const maxName = 255;

/** A repository of images, with or without host, with or without a digest, and without a tag. */
export const imageRepo: Check = (text) => {
  if (text.includes('://')) {
    return {
      problem: 'is a URL',
      fix: 'Write host and path without the scheme, and without credentials: ghcr.io/owner/name.',
    };
  }
  const at = text.indexOf('@');
  const name = at === -1 ? text : text.slice(0, at);
  if (text === '')
    return {
      problem: 'is empty',
      fix: 'Write the repository of the image, for example busybox or ghcr.io/owner/name.',
    };
  if (at !== -1 && !digestPattern.test(text.slice(at + 1))) {
    return {
      problem: 'has a digest that is none',
      fix: 'Write @sha256: and 64 hexadecimal digits, or a tag in image.tag instead.',
    };
  }
  const fix = separated(name);
  if (fix !== undefined) return { problem: 'has a tag in it', fix };
  if (name.length <= maxName && isName(name)) return undefined;
  return {
    problem: 'is not the name of an image repository',
    fix: 'Use lower-case letters, digits and single separators . _ - between slashes, for example ghcr.io/owner/name.',
  };
};

/** How `repo:tag` is written here. Undefined: it is no such text. */
export function separated(image: string): string | undefined {
  const colon = image.lastIndexOf(':');
  const [repo, tag] = [image.slice(0, colon), image.slice(colon + 1)];
  if (colon <= image.lastIndexOf('/') || imageTag(tag) !== undefined || !isName(repo) || repo.length > maxName)
    return undefined;
  const port = !repo.includes('/') && /^\d{2,5}$/.test(tag);
  return `Write repo: ${repo} and tag: "${tag}"${port ? `; if ${image} is a registry, add the repository behind it` : ''}.`;
}

export const imageTag: Check = (text) => {
  if (digestPattern.test(text)) {
    return { problem: 'is a digest', fix: 'Put it behind the repository: repo: name@sha256:…, and leave the tag out.' };
  }
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(text)
    ? undefined
    : {
        problem: 'is not a tag',
        fix: 'Use letters, digits, _, . and -, at most 128 characters, for example latest or 1.2.3.',
      };
};

/** True where the repository names the one image by its content. */
export function hasDigest(repo: string): boolean {
  return repo.includes('@');
}

/** The first part is a host if it could not be anything else, as registries' clients decide it. */
function isName(name: string): boolean {
  const parts = name.split('/');
  const [first = ''] = parts;
  const host = parts.length > 1 && (/[.:[A-Z]/.test(first) || first === 'localhost');
  const path = host ? parts.slice(1) : parts;
  return (!host || isHost(first)) && path.every((part) => partPattern.test(part));
}

function isHost(text: string): boolean {
  const port = /:([0-9]+)$/.exec(text)?.[1] ?? '';
  return hostPattern.test(text) && Number(port) < 2 ** 16;
}
