import { Sandbox, sandboxErrors, type SandboxHost } from '@ephemera/sandbox';
import { BadInput } from '../../errors.ts';

const id = /^sandbox-[0-9a-f]{10}$/;
const name = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The sandbox of this id, or else of this name. Throws `sandbox.not_found`, `sandbox.not_yours`, `cli.bad_input`. */
export async function findSandbox(host: SandboxHost, text: string, signal: AbortSignal): Promise<Sandbox> {
  if (!name.test(text))
    throw new BadInput({
      problem: `${JSON.stringify(text)} is neither the id nor the name of a sandbox.`,
      hint: 'Those that there are: npx ephemera sandbox list.',
    });
  if (id.test(text)) return Sandbox.connect(text, { on: host, signal });
  const place = await host.findByName(text, signal);
  if (place === undefined) throw new sandboxErrors.SandboxNotFound({ id: text });
  return new Sandbox(place);
}

/** The same for as long as `use` takes; the sandbox goes on. */
export async function withSandbox<Result>(
  { host, text, signal }: { readonly host: SandboxHost; readonly text: string; readonly signal: AbortSignal },
  use: (sandbox: Sandbox) => Promise<Result>,
): Promise<Result> {
  const sandbox = await findSandbox(host, text, signal);
  try {
    return await use(sandbox);
  } finally {
    await sandbox.disconnect();
  }
}
