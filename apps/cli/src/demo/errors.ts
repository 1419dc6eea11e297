import { defineError } from '@ephemera/model';

export const DemoDeadline = defineError<{ what: string; timeoutMs: number; last: string }>({
  code: 'demo.deadline',
  retryable: true,
  message: ({ what, timeoutMs, last }) =>
    `Waited ${timeoutMs / 1000} s for ${what}. The environment said last: ${last}`,
  hint: 'The log of the server is above; a slow machine may need another try.',
});

export const NoKubeconfig = defineError<object>({
  code: 'demo.no_kubeconfig',
  retryable: true,
  message: () => 'The local cluster is up but has no kubeconfig.',
  hint: 'Look at `npx ephemera cluster status`; `npx ephemera cluster down` and another try start it anew.',
});

export const DemoLeftovers = defineError<{ leftovers: readonly string[] }>({
  code: 'demo.leftovers',
  retryable: false,
  message: ({ leftovers }) => `Something is left behind:\n${leftovers.map((name) => `  - ${name}`).join('\n')}`,
});
