import { isPair, isScalar, isSeq, visit, type Document, type Node, type Pair, type Scalar } from 'yaml';
import { placeKey, type Written } from '../spec/written.ts';

const most = 1000;

/** The numbers of a document that JavaScript writes otherwise, such as `1.10`, by their places. Those behind aliases are left out. */
export function numbersOf(document: Document.Parsed): Written {
  const numbers = new Map<string, string>();
  visit(document, {
    Scalar(_, node, ancestors) {
      if (!isOtherwiseWritten(node)) return undefined;
      numbers.set(placeKey(pathTo(node, ancestors)), node.source ?? '');
      return numbers.size < most ? undefined : visit.BREAK;
    },
  });
  return numbers;
}

function isOtherwiseWritten({ value, source }: Scalar): boolean {
  return typeof value === 'number' && source !== undefined && source.length <= 60 && String(value) !== source;
}

function pathTo(node: Scalar, ancestors: readonly (Document | Node | Pair)[]): (string | number)[] {
  return ancestors.flatMap<string | number>((ancestor, index) => {
    if (isPair(ancestor)) return isScalar(ancestor.key) ? [String(ancestor.key.value)] : [];
    if (isSeq(ancestor)) return [ancestor.items.indexOf(ancestors[index + 1] ?? node)];
    return [];
  });
}
