import type { Manifest } from '@ephemera/model';
import { Document, Scalar, visit } from 'yaml';

/*
 * What stands in a manifest reaches the terminal through these texts, and programs read them as well: so nothing is left out, but
 * control characters and characters that nobody sees are written as escapes. Both languages have them, in double quotes.
 */
const unseen = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFE\uFFFF]/u;
const allUnseen = new RegExp(unseen, 'gu');

/**
 * What begins as a number is one to some reader: `0o7`, `-0b1` and `8e2_` to readers of YAML 1.1 or 1.2, which do not agree, so the library's
 * own choice of quotes for one of them is not enough. Keys count as well.
 */
const numberLike = /^[-+.]?[0-9]/;

/** Indented JSON without any character that a terminal obeys. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(allUnseen, (found) =>
    // One escape for each UTF-16 unit: JSON knows no others.
    Array.from({ length: found.length }, (_, at) => escape('u', found.charCodeAt(at), 4)).join(''),
  );
}

/** The objects in their order, as documents that YAML 1.1 (kubectl) and YAML 1.2 read alike: `yes` or `012` stay strings. */
export function yamlText(objects: readonly Manifest[]): string {
  return objects.map(documentText).join('---\n');
}

/** One `List`, which kubectl takes as it takes documents. */
export function listText(objects: readonly Manifest[]): string {
  return `${jsonText({ apiVersion: 'v1', kind: 'List', items: objects })}\n`;
}

function documentText(object: Manifest): string {
  // Labels are one object that stands in several places: written out each time, instead of as an alias.
  const document = new Document(object, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value !== 'string') return;
      if (unseen.test(node.value) || numberLike.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document
    .toString({ lineWidth: 0, directives: false })
    .replace(allUnseen, (found) => escape('U', found.codePointAt(0) ?? 0, 8));
}

function escape(letter: 'u' | 'U', code: number, digits: number): string {
  return `\\${letter}${code.toString(16).padStart(digits, '0')}`;
}
