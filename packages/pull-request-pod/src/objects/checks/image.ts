import { hasControl, type TextCheck } from './problem.ts';

const hostPattern =
  /^([A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?$/;
const partPattern = /^[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const longestName = 255;

/** A reference that a kubelet pulls: a name, perhaps with its registry, its tag and its digest. */
export const imageReference: TextCheck = (text) => wrongReference(text, true);

/** A reference under which an image is pushed: its digest is not known before. */
export const pushReference: TextCheck = (text) => wrongReference(text, false);

function wrongReference(text: string, mayHaveDigest: boolean) {
  const fix = 'Write name:tag or registry/name:tag, for example docker:24-dind or ghcr.io/owner/name:pr-12.';
  if (text === '') return { problem: 'is empty', fix };
  if (text.includes('://')) return { problem: 'is a URL', fix };
  if (/\s/.test(text) || hasControl(text)) return { problem: 'has spaces or control characters', fix };
  const at = text.indexOf('@');
  if (at !== -1 && !mayHaveDigest) return { problem: 'has a digest, which is not known before the build', fix };
  if (at !== -1 && !digestPattern.test(text.slice(at + 1))) return { problem: 'has a digest that is none', fix };
  const { name, tag } = apart(at === -1 ? text : text.slice(0, at));
  if (tag !== undefined && !tagPattern.test(tag)) return { problem: 'has a tag that is none', fix };
  if (name.length > longestName) return { problem: `has a name of ${name.length} characters`, fix };
  return isName(name) ? undefined : { problem: 'is not the name of an image', fix };
}

function apart(text: string): { readonly name: string; readonly tag?: string } {
  const colon = text.lastIndexOf(':');
  return colon > text.lastIndexOf('/') ? { name: text.slice(0, colon), tag: text.slice(colon + 1) } : { name: text };
}

/** The first part is a host if it could not be anything else, as registries' clients decide it. */
function isName(name: string): boolean {
  const [first = '', ...rest] = name.split('/');
  const host = rest.length > 0 && (/[.:[A-Z]/.test(first) || first === 'localhost');
  return (!host || isHost(first)) && (host ? rest : [first, ...rest]).every((part) => partPattern.test(part));
}

function isHost(text: string): boolean {
  return hostPattern.test(text) && Number(/:([0-9]+)$/.exec(text)?.[1] ?? 0) < 2 ** 16;
}
