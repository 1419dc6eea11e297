import { defineError, EphemeraError, messageOf } from '@ephemera/model';
import { plain } from './table.ts';

export const BadInput = defineError<{ problem: string; hint?: string }>({
  code: 'cli.bad_input',
  retryable: false,
  message: ({ problem }) => problem,
  hint: ({ hint }) => hint ?? 'Add --help to see what the command takes.',
});

export const ClusterNotUp = defineError<{ name: string }>({
  code: 'cluster.not_up',
  retryable: false,
  message: ({ name }) => `The local cluster ${name} is not up.`,
  hint: ({ name }) => `Start it: npx ephemera cluster up${name === 'default' ? '' : ` --name ${name}`}`,
});

export const PortTaken = defineError<{ port: number; problem: string }>({
  code: 'cli.port_taken',
  retryable: false,
  message: ({ port, problem }) => `Cannot listen on port ${port}: ${problem}.`,
  hint: 'Choose another one with --port, or 0 for a free one.',
});

export const ServerUnreachable = defineError<{ url: string; problem: string }>({
  code: 'server.unreachable',
  retryable: true,
  message: ({ url, problem }) => `No Ephemera answers at ${url}: ${problem}.`,
  hint: 'Start one with `npx ephemera up`, or set EPHEMERA_URL to where it runs.',
});

export const ServerRefused = defineError<{
  url: string;
  status: number;
  reason: string;
  hint?: string | undefined;
  serverCode?: string | undefined;
}>({
  code: 'server.refused',
  retryable: false,
  message: ({ url, status, reason }) => `${reason} (${status} from ${url})`,
  hint: ({ hint }) => hint ?? 'The log of the server may say more.',
});

export const TokenRefused = defineError<{ url: string; reason: string; hint?: string }>({
  code: 'server.token_refused',
  retryable: false,
  message: ({ url, reason }) => `${reason} (401 from ${url})`,
  hint: ({ hint }) =>
    hint ??
    'Where the server runs: export EPHEMERA_TOKEN=$(npx ephemera token create --name me --scopes environments:read,environments:write)',
});

export const SweepDeadline = defineError<{ id: number; timeoutMs: number }>({
  code: 'sweep.deadline',
  retryable: true,
  message: ({ id, timeoutMs }) => `Waited ${timeoutMs / 60_000} minutes for sweep ${id}.`,
  hint: 'It goes on without this command; GET /api/v1/sweeps/ID says how it ends. Does the server work? See /health/ready.',
});

/** An error as people see it: what happened, and what to do. A fault of ours keeps its stack, for the report about it. */
export function explain(thrown: unknown): string {
  return plainLines(thrown instanceof EphemeraError ? sentences(thrown) : stackOf(thrown));
}

function sentences({ message, hint }: EphemeraError): string {
  return hint === undefined ? `Error: ${message}` : `Error: ${message}\n\n${hint}`;
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown);
}

/** Messages quote servers and clusters: their control characters stay out of the terminal, line breaks stay in. */
function plainLines(text: string): string {
  return text.split('\n').map(plain).join('\n');
}
