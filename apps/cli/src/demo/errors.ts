import { defineError } from '@ephemera/model';

export const DemoDeadline = defineError<{ what: string; timeoutMs: number; last: string }>({
  code: 'demo.deadline',
  retryable: true,
  message: ({ what, timeoutMs, last }) =>
    `Waited ${timeoutMs / 1000} s for ${what}. The environment said last: ${last}`,
  hint: 'The log of the server is above; a slow machine may need another try.',
});

export const DemoInterrupted = defineError<object>({
  code: 'demo.interrupted',
  retryable: true,
  message: () => 'Interrupted; what the demo had started was taken down.',
});

export const DemoLeftovers = defineError<{ leftovers: readonly string[] }>({
  code: 'demo.leftovers',
  retryable: false,
  message: ({ leftovers }) => `Something is left behind:\n${leftovers.map((name) => `  - ${name}`).join('\n')}`,
});
