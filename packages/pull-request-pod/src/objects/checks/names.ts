import { longestName } from '../names.ts';
import type { TextCheck } from './problem.ts';

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const longestLabel = 63;

/** What the Job's name, its account's name and the label `pr-name` are made of. */
export const jobKeyName: TextCheck = (text) =>
  dnsLabel(text, longestName, `pr-job- and the time take 21 of the ${longestLabel} characters of a Job's name`);

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
