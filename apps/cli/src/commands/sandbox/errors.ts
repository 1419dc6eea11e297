import { defineError } from '@ephemera/model';

export const NoShell = defineError<{ tried: readonly string[]; next: string }>({
  code: 'cli.sandbox_without_shell',
  retryable: false,
  message: ({ tried }) => `The image has no shell: there is neither ${tried.join(' nor ')}.`,
  hint: ({ next }) => `Name another one with --shell PATH, or run a program of the image itself: ${next}`,
});

export const KillIncomplete = defineError<{ left: readonly string[] }>({
  code: 'cli.sandbox_kill_incomplete',
  retryable: true,
  message: ({ left }) => `Not ended: ${left.join(', ')}.`,
  hint: 'Why is told above, for each of them. What could be ended has ended.',
});
