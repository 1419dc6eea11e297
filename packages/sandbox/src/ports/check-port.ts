import { SandboxInvalid } from '../errors.ts';

/** Throws `sandbox.invalid` for what is no TCP port. */
export function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return;
  const problem = { path: 'port', problem: `is ${port}`, fix: 'give a whole number of 1 to 65535' };
  throw new SandboxInvalid({ what: 'A connection', problems: [problem] });
}
