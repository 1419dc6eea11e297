import type { Finding, Path } from '../finding.ts';
import type { LooseManifest } from '../manifest-schema.ts';

/** Texts with characters that no API server takes: halves of a pair, and the two that YAML and XML forbid. */
export function textRules({ metadata, spec }: LooseManifest): Finding[] {
  return [...below(metadata, ['metadata']), ...below(spec, ['spec'])];
}

function below(value: unknown, path: Path): Finding[] {
  if (typeof value === 'string') return isText(value) ? [] : [{ path, ...wrong }];
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, item]) => {
    const place = [...path, isList ? Number(key) : key];
    return isText(key) ? below(item, place) : [{ path: place, ...wrong }];
  });
}

const wrong = {
  problem: 'has a character that stands for no character: half of a surrogate pair, U+FFFE or U+FFFF',
  fix: 'Take it out; bytes that are no text go through base64.',
};

function isText(text: string): boolean {
  return text.isWellFormed() && !/[\uFFFE\uFFFF]/.test(text);
}
