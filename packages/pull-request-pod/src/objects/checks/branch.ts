import { hasControl, type TextCheck } from './problem.ts';

const longestBytes = 1024;

/**
 * What `git check-ref-format --branch` takes, without control characters beyond ASCII. Everything else that a shell would mind is
 * allowed: the branch reaches Git as one word and is never part of a script.
 */
export const branchName: TextCheck = (text) => {
  const problem = problemOf(text);
  return problem === undefined
    ? undefined
    : { problem, fix: 'Write the name of a branch as Git takes it, for example feature/login.' };
};

function problemOf(text: string): string | undefined {
  if (text === '') return 'is empty';
  if (Buffer.byteLength(text) > longestBytes) return `has more than ${longestBytes} bytes`;
  if (hasControl(text)) return 'has control characters';
  if (text.startsWith('-')) return 'begins with -';
  if (/[ ~^:?*[\\]/.test(text)) return 'has one of the characters space ~ ^ : ? * [ \\';
  if (text.includes('..') || text.includes('@{')) return 'has .. or @{ in it';
  if (text === 'HEAD') return 'is HEAD, which is no branch';
  return text.split('/').every(isPart) && !text.endsWith('.')
    ? undefined
    : 'has a part that is empty, begins or ends with a dot, or ends with .lock';
}

function isPart(part: string): boolean {
  return part !== '' && !part.startsWith('.') && !part.endsWith('.lock');
}
