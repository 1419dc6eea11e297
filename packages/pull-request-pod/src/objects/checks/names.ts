import { longestName } from '../names.ts';
import type { TextCheck } from './problem.ts';

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const longestLabel = 63;

/** Of a name that looks like that of a Job, with this many characters the cluster cuts the names of its pods in the middle of the time. */
const ambiguousFrom = 40;

/**
 * What the Job's name, its account's name and the label `pr-name` are made of. The guard tells by its name whose a builder's pod is; it
 * cannot for a cut one of `NAME-1767225600000`, which may look like a pod of `NAME`.
 */
export const jobKeyName: TextCheck = (text) => {
  if (text.length >= ambiguousFrom && text.length <= longestName && /-\d{13}$/.test(text))
    return {
      problem: 'is long and ends like the name of a Job, in - and 13 digits',
      fix: `Use fewer than ${ambiguousFrom} characters, or another end.`,
    };
  return dnsLabel(text, longestName, `pr-job- and the time take 21 of the ${longestLabel} characters of a Job's name`);
};

export const namespaceName: TextCheck = (text) => dnsLabel(text, longestLabel);

/** Of a Job that is there: whether it is ours is seen in the cluster. */
export const jobName: TextCheck = (text) => dnsLabel(text, longestLabel);

function dnsLabel(text: string, most: number, why?: string) {
  const reason = why === undefined ? '' : `, because ${why}`;
  if (text.length > most)
    return { problem: `has ${text.length} characters`, fix: `Use at most ${most} characters${reason}.` };
  if (label.test(text)) return undefined;
  return {
    problem: text === '' ? 'is empty' : 'is not a DNS label',
    fix: `Use lower-case letters, digits and -, at most ${most} characters${reason}; begin and end with a letter or digit.`,
  };
}
