import { SandboxInvalid, type Problem } from '../errors.ts';
import type { HostOptions } from '../host.ts';
import { checkOptions } from '../options/check-options.ts';

/** What its operator has decided for all who ask. */
const decidedByServer = [
  'id',
  'serviceAccountName',
  'imagePullSecrets',
  'runtimeClassName',
  'nodeSelector',
  'tolerations',
] as const satisfies readonly (keyof HostOptions)[];

/**
 * The options as the server's API has them. The environment stays here: it goes to the runner itself, so nobody else would check it. Throws
 * `sandbox.invalid` for what a server decides, and with all that is wrong. Pure.
 */
export function createBody(options: HostOptions): object {
  const problems: Problem[] = decidedByServer
    .filter((name) => options[name] !== undefined)
    .map((path) => ({ path, problem: 'is decided by the server', fix: 'leave it out' }));
  if (problems.length > 0) throw new SandboxInvalid({ what: 'A sandbox of a server', problems });
  checkOptions(options);
  const { resources, network } = options;
  return {
    image: options.image,
    name: options.name,
    resources: resources && { limits: quantities(resources.limits), requests: quantities(resources.requests) },
    timeout_ms: options.timeoutMs,
    idle_timeout_ms: options.idleTimeoutMs,
    start_timeout_ms: options.startTimeoutMs,
    disk: options.disk,
    user: options.user,
    read_only_root: options.readOnlyRoot,
    network,
    host_users: options.hostUsers,
    arch: options.arch,
    metadata: options.metadata,
  };
}

function quantities(
  asked: { readonly cpu?: string; readonly memory?: string; readonly ephemeralStorage?: string } | undefined,
) {
  return asked && { cpu: asked.cpu, memory: asked.memory, ephemeral_storage: asked.ephemeralStorage };
}
