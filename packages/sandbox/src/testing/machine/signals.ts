import { constants } from 'node:os';

/** `SIGTERM` → 15. Undefined for what is none. */
export function signalNumber(name: string): number | undefined {
  return constants.signals[name as NodeJS.Signals];
}

const names = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]));

/** 15 → `SIGTERM`. Undefined for what this system does not know. */
export function signalName(number: number): NodeJS.Signals | undefined {
  return names.get(number);
}

/** Those that end nothing where nobody handles them. Stopping and going on are not simulated: they do nothing. */
const harmless = new Set<NodeJS.Signals>([
  'SIGCHLD',
  'SIGCONT',
  'SIGURG',
  'SIGWINCH',
  'SIGSTOP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
]);

export function endsByDefault(name: NodeJS.Signals): boolean {
  return !harmless.has(name);
}
