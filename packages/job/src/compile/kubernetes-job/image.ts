import { hasDigest } from '../spec/checks/image.ts';
import type { JobImage } from './kubernetes-job.ts';

/** `repo:tag`, or the repository as it stands where it carries a digest: a digest already says exactly which image. */
export function imageText({ repo, tag }: JobImage): string {
  return hasDigest(repo) || tag === undefined ? repo : `${repo}:${tag}`;
}
