import type { CommandInfo, SandboxInfo } from '@ephemera/sandbox';
import { table } from '../../table.ts';

/** One sandbox a line, the newest first. Pure. */
export function listTable(sandboxes: readonly SandboxInfo[]): string {
  const rows = sandboxes
    .toSorted((one, other) => (one.createdAt < other.createdAt ? 1 : -1))
    .map(({ id, name = '', image, state, reason, expiresAt }) => [
      id,
      name,
      image,
      reason === undefined ? state : `${state}: ${reason}`,
      secondsOf(expiresAt),
    ]);
  return table(['ID', 'NAME', 'IMAGE', 'STATE', 'UNTIL'], rows);
}

/** One command a line. Pure. */
export function commandTable(commands: readonly CommandInfo[]): string {
  const rows = commands.map(({ id, argv, state, startedAt, exitCode }) => [
    id,
    exitCode === undefined ? state : `${state} with ${exitCode}`,
    secondsOf(startedAt),
    argv.join(' '),
  ]);
  return table(['COMMAND', 'STATE', 'STARTED', 'ARGUMENTS'], rows);
}

function secondsOf(time: string): string {
  return time.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
}
