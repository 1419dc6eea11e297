import { stripVTControlCharacters } from 'node:util';
import type { Pod } from '@ephemera/model';
import { containerName } from '../objects/names.ts';
import type { Setting } from './setting.ts';

const lines = 5;
const mostCharacters = 500;

/** What a container wrote last, for a message: ` It wrote: …`; empty where it wrote nothing, or nobody can tell. */
export async function lastWords({ cluster, namespace }: Setting, pod: Pod, signal: AbortSignal): Promise<string> {
  const said: string[] = [];
  try {
    const log = cluster.logs({ namespace, pod: pod.metadata.name, container: containerName, tailLines: lines, signal });
    for await (const line of log) said.push(line.slice(0, mostCharacters));
  } catch {
    // The reason is known already; without the right to read logs there is less to say about it.
    return '';
  }
  const text = stripVTControlCharacters(said.join(' '))
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(-mostCharacters);
  return text === '' ? '' : ` It wrote: ${text}`;
}
