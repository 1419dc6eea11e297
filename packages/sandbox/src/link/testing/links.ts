import { afterEach } from 'vitest';
import { createLink, type Link, type LinkOptions } from '../link.ts';
import { ScriptedPlace } from './scripted-place.ts';

const quick = { mostBackoffMs: 1 };
export const done = [{ kind: 'done', count: 1 }, { kind: 'end' }] as const;
export const kill = { kind: 'kill', id: 'a', graceMs: 0 } as const;
export const attach = { kind: 'attach', id: 'a', fromStdout: 0, fromStderr: 0, window: 1024, follow: true } as const;

const links: Link[] = [];
afterEach(() => {
  for (const link of links.splice(0)) link.dispose();
});

/** Disposed of after the test. */
export function linkTo(place: ScriptedPlace, options: LinkOptions = {}): Link {
  const link = createLink(place, { ...quick, ...options });
  links.push(link);
  return link;
}

/** Answers everything but what the test wants to answer itself. */
export const obliging = () => new ScriptedPlace((stream, { channel }) => stream.answer(channel, ...done));
