import type { Check, Wrong } from '../finding.ts';

const labelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomainPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelValuePattern = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const qualifiedPattern = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

const maxLabel = 63;
const maxSubdomain = 253;

/** A DNS-1123 label. */
export const dnsLabel: Check = (text) =>
  text.length <= maxLabel && labelPattern.test(text)
    ? undefined
    : {
        problem: `is not a DNS label${tooLong(text, maxLabel)}`,
        fix: `Use lower-case letters, digits and -, at most ${maxLabel} characters, beginning and ending with a letter or digit.`,
      };

/** A DNS-1123 subdomain: what most objects are named by. */
export const dnsSubdomain: Check = (text) =>
  text.length <= maxSubdomain && subdomainPattern.test(text)
    ? undefined
    : {
        problem: `is not a name that Kubernetes takes${tooLong(text, maxSubdomain)}`,
        fix: `Use lower-case letters, digits, - and ., at most ${maxSubdomain} characters, with a letter or digit at both ends of each part.`,
      };

export const labelValue: Check = (text) =>
  text.length <= maxLabel && labelValuePattern.test(text)
    ? undefined
    : {
        problem: `is not a legal label value${tooLong(text, maxLabel)}`,
        fix: `Use letters, digits, -, _ and ., at most ${maxLabel} characters, beginning and ending with a letter or digit.`,
      };

/** A key of a label or an annotation, or the type of a condition: `name` or `domain/name`. */
export const qualifiedName: Check = (text) => {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  const legal = name.length <= maxLabel && qualifiedPattern.test(name);
  if (legal && (slash === -1 || dnsSubdomain(text.slice(0, slash)) === undefined)) return undefined;
  return {
    problem: 'is not a legal key',
    fix: `Write name or domain/name, the name of letters, digits, -, _ and . and at most ${maxLabel} characters.`,
  };
};

/** A key of an annotation, whose domain may have capital letters. */
export const annotationKey: Check = (text) => qualifiedName(text.toLowerCase());

/** A key of the data of a ConfigMap or Secret. */
export const dataKey: Check = (text) =>
  text.length <= maxSubdomain && /^[-._a-zA-Z0-9]+$/.test(text) && text !== '.' && !text.startsWith('..')
    ? undefined
    : {
        problem: 'is not a key that a ConfigMap or Secret can have',
        fix: `Use letters, digits, -, _ and ., at most ${maxSubdomain} characters, not beginning with two dots.`,
      };

/** What Kubernetes takes since 1.34 as the name of an environment variable; before, mostly the same behind a switch. */
export const envName: Check = (text) =>
  /^[ -<>-~]+$/.test(text) && text !== '__proto__'
    ? undefined
    : {
        problem: 'is not the name of an environment variable',
        fix: 'Use letters, digits and _, beginning with a letter or _; Kubernetes takes other printable ASCII too, but no =.',
      };

/** A capability as Kubernetes names it. */
export const capability: Check = (text) => {
  if (text.startsWith('CAP_')) {
    return { problem: 'has the prefix CAP_', fix: 'Kubernetes names capabilities without it, for example NET_ADMIN.' };
  }
  return /^[A-Z][A-Z0-9_]{0,62}$/.test(text)
    ? undefined
    : { problem: 'is not the name of a capability', fix: 'Write for example NET_ADMIN, or ALL.' };
};

/** A field of the pod that an environment variable can take. */
export const podField: Check = (text) =>
  /^(metadata\.(name|namespace|uid)|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))$/.test(text) ||
  hasLegalKey(text)
    ? undefined
    : {
        problem: 'is not a field that a variable can take',
        fix: "Write metadata.name, metadata.namespace, metadata.uid, metadata.labels['key'], metadata.annotations['key'], spec.nodeName, spec.serviceAccountName, status.podIP or status.hostIP.",
      };

function hasLegalKey(field: string): boolean {
  const [, map, key = ''] = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(field) ?? [];
  return map !== undefined && (map === 'labels' ? qualifiedName : annotationKey)(key) === undefined;
}

/** A request or limit of a container that an environment variable can take. */
export const containerResource: Check = (text) =>
  /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-\w+)$/.test(text)
    ? undefined
    : { problem: 'is not a request or limit', fix: 'Write for example limits.memory or requests.cpu.' };

export const notEmpty: Check = (text) =>
  text.trim() === '' ? { problem: 'is empty', fix: 'Write a text, or leave the field out.' } : undefined;

function tooLong(text: string, most: number): string {
  return text.length > most ? ` (${text.length} characters)` : '';
}

/** The first thing that is wrong. */
export function all(...checks: readonly Check[]): Check {
  return (text) => {
    for (const check of checks) {
      const wrong: Wrong | undefined = check(text);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}
