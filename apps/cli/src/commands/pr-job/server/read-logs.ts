import { messageOf } from '@ephemera/model';
import { ServerUnreachable } from '../../../errors.ts';
import type { JobOfName, LogsOptions } from '../pull-request-jobs.ts';
import { followStream } from './follow-stream.ts';
import { linesOf } from './lines.ts';
import { logPath } from './log-path.ts';
import type { Place } from './place.ts';

/** Lines of the server between those of the job begin so. A job that writes the same is only told on the other stream. */
const ofServer = '[ephemera] ';

/** Longer lines come in parts. */
const longestPart = 2 ** 20;

/** The log of a job by a server: as it is now, as plain lines, or followed. */
export async function readLogs(place: Place, ref: JobOfName, options: LogsOptions): Promise<void> {
  const { follow, tailLines, signal, onLine, onWarning } = options;
  if (follow) {
    await followStream(place, ref, { tailLines, signal, onLine, onWarning, onStatus: () => {}, onSign: () => {} });
    return;
  }
  const { api, clusterName } = place;
  const body = await api.stream({ path: logPath({ ...ref, clusterName, tailLines, follow }), signal });
  try {
    let isOpen = false;
    for await (const { text: line, continues } of linesOf(body, longestPart)) {
      if (!isOpen && line.startsWith(ofServer)) onWarning(line.slice(ofServer.length));
      // Which pod has written it, the server does not say here.
      else onLine({ pod: '', container: '', line, ...(continues && { continues }) });
      isOpen = continues;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw new ServerUnreachable({ url: api.url, problem: `the log broke off (${messageOf(error)})` }, { cause: error });
  }
}
