import type { Deletion } from '@ephemera/job';
import { plain } from '../../table.ts';

/** What a deletion did, one object a line. Pure. */
export function deletionLines({ removed, kept }: Deletion): readonly string[] {
  return [
    ...removed.map((object) => `removed ${plain(object)}`),
    ...kept.map(({ object, because }) => `kept ${plain(object)}: ${plain(because)}`),
  ];
}
