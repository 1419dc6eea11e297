/** The names under which one registry answers. */
const dockerHub: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/**
 * An image with everything that its name leaves out: registry, `library/` and tag. `docker:24-dind` and `docker.io/library/docker:24-dind`
 * are one image, and become the same text. Pure.
 */
export function completeImage(image: string): string {
  const { registry, path } = partsOf(image);
  return `${registry}/${path}`;
}

interface Parts {
  readonly registry: string;
  /** With tag or digest. */
  readonly path: string;
}

/** A pattern is completed by the same rules, as far as no `*` stands in the way: it may stand for what is missing. */
function partsOf(image: string): Parts {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  // As container engines tell them apart: a registry has a dot, a port or capitals, or is this machine. `acme-*` is an organisation.
  const hasRegistry = /[.:A-Z]/.test(first) || first === 'localhost';
  const registry = hasRegistry ? first : 'docker.io';
  const path = hasRegistry ? image.slice(slash + 1) : image;
  const isHub = dockerHub.has(registry);
  return {
    registry: isHub ? 'docker.io' : registry,
    path: `${isHub ? withLibrary(path) : path}${missingTag(path)}`,
  };
}

function withLibrary(path: string): string {
  // A lone `*` is any path, and one that begins with it may be.
  return path.includes('/') || path.startsWith('*') ? path : `library/${path}`;
}

function missingTag(path: string): string {
  const last = path.slice(path.lastIndexOf('/') + 1);
  return /[:@*]/.test(last) ? '' : ':latest';
}

/**
 * Whether an image is one of those that a pattern means. `*` is any text of the registry, or of what follows it, and never leads from one
 * into the other: what stands before the first slash alone says whom the image is pulled from. A pattern `*` alone is every image. Pure.
 */
export function matchesImage(pattern: string, image: string): boolean {
  if (pattern === '*') return true;
  const [allowed, asked] = [partsOf(pattern), partsOf(image)];
  return matches(allowed.registry, asked.registry) && matches(allowed.path, asked.path);
}

/** Part by part rather than by a regular expression, which several `*` could make slow. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const [head = ''] = parts;
  if (parts.length === 1) return pattern === text;
  const tail = parts.at(-1) ?? '';
  if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false;
  let at = head.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - tail.length;
}
