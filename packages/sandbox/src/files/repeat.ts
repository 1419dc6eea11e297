import type { Link } from '../link/link.ts';
import { StreamBroken } from '../link/runner-error.ts';
import type { Request } from '../wire/request.ts';
import { fileProblem, refuseFile } from './problem.ts';

/** A stream that breaks so often without any progress is broken by what is sent over it. */
const mostAttempts = 50;

/**
 * Does `attempt` again as long as the stream breaks under it; how long that may go on without contact is the link's decision.
 * `attempt` calls `progress` where it came further than the one before. Errors of the runner become errors of the path.
 */
export async function untilUnbroken<T>(
  path: Uint8Array,
  attempt: (progress: () => void) => Promise<T>,
  whyNotAgain: () => string | undefined = () => undefined,
): Promise<T> {
  for (let left = mostAttempts; ; left -= 1) {
    try {
      return await attempt(() => (left = mostAttempts));
    } catch (error) {
      if (!(error instanceof StreamBroken)) throw fileProblem(error, path);
      const problem = left <= 1 ? `the connection broke ${mostAttempts} times` : whyNotAgain();
      if (problem !== undefined) refuseFile(path, 'interrupted', problem);
    }
  }
}

/** A request with one short answer that does no harm when it is carried out twice. */
export async function ask(link: Link, request: Request & { readonly path: Uint8Array }, signal?: AbortSignal) {
  try {
    return await link.ask(request, { repeat: true, signal });
  } catch (error) {
    throw fileProblem(error, request.path);
  }
}
