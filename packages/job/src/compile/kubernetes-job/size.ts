import type { Job } from '@ephemera/model';
import { JobInvalid } from '../errors.ts';

/**
 * etcd takes requests of 1.5 MiB, and the API server adds defaults, status and who set which field, which is as long again for long maps.
 * A text that is an alias stands once in the manifest and in each place in the Job, so only the Job says how large it is.
 */
const maxJobBytes = 1024 * 1024;

/** Throws `JobInvalid` for a Job that no cluster could keep. */
export function checkSize(job: Job): void {
  const bytes = Buffer.byteLength(JSON.stringify(job));
  if (bytes <= maxJobBytes) return;
  throw new JobInvalid({
    problems: [
      {
        path: 'spec',
        problem: `becomes a Job of ${bytes} bytes, and a cluster keeps ${maxJobBytes}`,
        fix: 'Put long commands and variables into spec.configMaps, or into the image; init containers repeat the environment.',
      },
    ],
  });
}
