import type { Link } from '../link/link.ts';
import { RunnerError } from '../link/runner-error.ts';
import type { AnswerOf } from '../wire/answer.ts';
import { ask, untilUnbroken } from './repeat.ts';
import { refuseFile } from './problem.ts';

/** The entry of a path; of a link the link's own. */
export async function statPath(link: Link, path: Uint8Array, signal?: AbortSignal): Promise<AnswerOf<'entry'>> {
  const answers = await ask(link, { kind: 'stat', path }, signal);
  return (
    answers.find((answer) => answer.kind === 'entry') ?? refuseFile(path, 'io', 'the runner did not say what it is')
  );
}

/** The entry of what a path leads to. */
export async function statFollowing(link: Link, path: Uint8Array, signal?: AbortSignal): Promise<AnswerOf<'entry'>> {
  const own = await statPath(link, path, signal);
  if (own.entry !== 'link') return own;
  return untilUnbroken(path, async () => {
    try {
      const channel = await link.open({ kind: 'read', path, from: 0, most: 0, window: 1 }, { signal });
      for await (const answer of channel.answers) if (answer.kind === 'entry') return answer;
    } catch (error) {
      // Reading follows links, and says of a folder that it is one.
      if (error instanceof RunnerError && error.problem === 'is_a_folder')
        return { ...own, entry: 'folder', mode: 0o755 };
      throw error;
    }
    return refuseFile(path, 'io', 'the runner did not say what it is');
  });
}
