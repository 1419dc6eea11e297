import type { JobRef } from '@ephemera/job';

/** The commands that a user types next about a job, ready to be copied. Pure. */
export function nextCommand(verb: string, { namespace, name }: JobRef, context: string | undefined): string {
  const words = ['npx', 'ephemera', 'job', ...verb.split(' '), name, '--namespace', namespace];
  return [...words, ...(context === undefined ? [] : ['--context', quoted(context)])].join(' ');
}

/** As a shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
