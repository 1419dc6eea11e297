import type { SandboxOptions } from '@ephemera/sandbox';
import type { VariableFlags } from './variables.ts';
import type { WhereFlags } from './where.ts';

/** What `run`, `create` and `shell` can be told about a new sandbox. */
export interface OrderFlags extends VariableFlags, WhereFlags {
  readonly name?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly disk?: string;
  /** Milliseconds. */
  readonly lifetime?: number;
  readonly startTimeout?: number;
  readonly user?: number;
  readonly dns: boolean;
  readonly allow?: readonly string[];
  readonly runtimeClass?: string;
  readonly userNamespace: boolean;
  readonly serviceAccount?: string;
}

/** The flags as options of a sandbox; what is not said is left out, so that whoever makes it decides. Pure. */
export function orderOf(
  image: string,
  flags: OrderFlags,
  env: Readonly<Record<string, string>> | undefined,
): Omit<SandboxOptions, 'on' | 'signal' | 'onStage'> {
  const { name, cpu, memory, disk, lifetime, startTimeout, user, allow = [] } = flags;
  const limits = given({ cpu, memory });
  const network = { ...(flags.dns && { dns: true }), ...(allow.length > 0 && { allow: allow.map(rangeOf) }) };
  return {
    image,
    ...given({
      name,
      env,
      timeoutMs: lifetime,
      startTimeoutMs: startTimeout,
      user,
      runtimeClassName: flags.runtimeClass,
      serviceAccountName: flags.serviceAccount,
    }),
    ...(Object.keys(limits).length > 0 && { resources: { limits } }),
    ...(disk !== undefined && { disk: { size: disk } }),
    ...(Object.keys(network).length > 0 && { network }),
    ...(flags.userNamespace && { hostUsers: false }),
  };
}

function rangeOf(cidr: string): { readonly cidr: string } {
  return { cidr };
}

type Given<Fields> = { readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** Without what is undefined. */
function given<Fields extends object>(fields: Fields): Given<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>;
}
