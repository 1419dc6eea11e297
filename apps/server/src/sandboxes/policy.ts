import type { Problem, SandboxResources } from '@ephemera/sandbox';
import { matchesImage } from '../callers/image-pattern.ts';
import { quantityValue } from '../environment/quantity.ts';
import type { Settings } from '../settings.ts';
import type { Caller } from '../tokens/caller.ts';
import { defaultImage } from './default-image.ts';
import { NotAllowed, SandboxesOff } from './errors.ts';
import type { SandboxOrder } from './order.ts';
import { liesIn } from './ranges.ts';

/** What the server allows and decides, whoever asks. */
export interface SandboxPolicy {
  /** Undefined: nobody makes sandboxes. */
  readonly namespace: string | undefined;
  /** Patterns, `*` standing for any text. */
  readonly images: readonly string[];
  /** What callers may open to their sandboxes. */
  readonly ranges: readonly string[];
  /** Whether callers may give their sandboxes the cluster's DNS. */
  readonly dns: boolean;
  readonly serviceAccountName: string;
  readonly runtimeClassName: string | undefined;
  /** Of one sandbox, as quantities. */
  readonly most: Readonly<Record<keyof SandboxResources, string>>;
  readonly longestMs: number;
  readonly perAccount: number;
  readonly inAll: number;
  /** Creations of one caller. */
  readonly perMinute: number;
}

export function sandboxPolicyOf(settings: Settings): SandboxPolicy {
  return {
    namespace: sandboxNamespaceOf(settings),
    images: settings.SANDBOXES_IMAGES,
    ranges: settings.SANDBOXES_RANGES,
    dns: settings.SANDBOXES_DNS === 'true',
    serviceAccountName: settings.SANDBOXES_SERVICE_ACCOUNT,
    runtimeClassName: settings.SANDBOXES_RUNTIME_CLASS,
    most: {
      cpu: settings.SANDBOXES_CPU,
      memory: settings.SANDBOXES_MEMORY,
      ephemeralStorage: settings.SANDBOXES_STORAGE,
    },
    longestMs: settings.SANDBOXES_LONGEST_SECONDS * 1000,
    perAccount: settings.SANDBOXES_PER_TOKEN,
    inAll: settings.SANDBOXES_IN_ALL,
    perMinute: settings.SANDBOXES_PER_MINUTE,
  };
}

/** Undefined: nobody makes sandboxes. */
export function sandboxNamespaceOf({ SANDBOXES_NAMESPACE: name }: Pick<Settings, 'SANDBOXES_NAMESPACE'>) {
  return name === 'none' ? undefined : name;
}

const defaultTimeoutMs = 30 * 60_000;
const defaultStartTimeoutMs = 3 * 60_000;
/** A request that makes a sandbox waits for it, and nobody should have to wait for longer. */
export const longestStartMs = 4 * 60_000;
const defaultLimits = { cpu: '1000m', memory: '2Gi', ephemeralStorage: '4Gi' } as const;

/** The namespace of new sandboxes. Throws `sandbox.not_enabled` and `sandbox.not_allowed`. Pure. */
export function namespaceFor({ namespace }: SandboxPolicy, caller: Pick<Caller, 'namespaces'>): string {
  if (namespace === undefined) throw new SandboxesOff({});
  if (caller.namespaces && !caller.namespaces.includes(namespace)) {
    const fix = `use a token that was made without --namespace, or with --namespace ${namespace}`;
    throw new NotAllowed({ problems: [{ path: 'namespace', problem: 'is not one of those of the token', fix }] });
  }
  return namespace;
}

/**
 * The order with all that the server decides: within its limits also where the caller names nothing. Throws `sandbox.not_allowed` with
 * everything that goes beyond them. Pure.
 */
export function allowedOrder(policy: SandboxPolicy, caller: Pick<Caller, 'images'>, order: SandboxOrder): AllowedOrder {
  const { image = defaultImage, timeoutMs, startTimeoutMs = defaultStartTimeoutMs, user, network } = order;
  const limits = withinMost(order.resources?.limits ?? {}, policy.most);
  const problems = [
    ...imageProblems(policy, caller, image),
    ...resourceProblems(limits, policy.most),
    ...rangeProblems(policy, network?.allow ?? []),
    ...dnsProblems(policy, network?.dns ?? false),
    ...longer('timeout_ms', timeoutMs ?? 0, policy.longestMs),
    ...longer('start_timeout_ms', startTimeoutMs, longestStartMs),
    ...(user === 0 ? [{ path: 'user', problem: 'is root', fix: 'use another id, or leave it out' }] : []),
  ];
  if (problems.length > 0) throw new NotAllowed({ problems });
  const { serviceAccountName, runtimeClassName } = policy;
  return {
    ...order,
    image,
    timeoutMs: timeoutMs ?? Math.min(defaultTimeoutMs, policy.longestMs),
    startTimeoutMs,
    resources: { ...order.resources, limits },
    serviceAccountName,
    ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
  };
}

export interface AllowedOrder extends SandboxOrder {
  readonly image: string;
  readonly timeoutMs: number;
  readonly startTimeoutMs: number;
  readonly serviceAccountName: string;
  readonly runtimeClassName?: string;
}

const resourceNames = ['cpu', 'memory', 'ephemeralStorage'] as const;

/** What nobody names is the default, or the most where that is less. */
function withinMost(asked: SandboxResources, most: SandboxPolicy['most']): SandboxPolicy['most'] {
  const limit = (name: keyof SandboxResources): string => {
    const usual = defaultLimits[name];
    return asked[name] ?? (isMore(usual, most[name]) ? most[name] : usual);
  };
  return { cpu: limit('cpu'), memory: limit('memory'), ephemeralStorage: limit('ephemeralStorage') };
}

/** What is no quantity is refused with the rest of what is wrong by the package. */
function isMore(one: string, other: string): boolean {
  return (quantityValue(one) ?? 0) > (quantityValue(other) ?? 0);
}

function resourceProblems(limits: SandboxPolicy['most'], most: SandboxPolicy['most']): Problem[] {
  return resourceNames
    .filter((name) => isMore(limits[name], most[name]))
    .map((name) => ({
      path: `resources.limits.${name === 'ephemeralStorage' ? 'ephemeral_storage' : name}`,
      problem: `is ${limits[name]}, more than ${most[name]}`,
      fix: `ask for ${most[name]} at most`,
    }));
}

function imageProblems({ images }: SandboxPolicy, caller: Pick<Caller, 'images'>, image: string): Problem[] {
  const isIn = (patterns: readonly string[]) => patterns.some((pattern) => matchesImage(pattern, image));
  const narrower = [images, caller.images ?? images].find((patterns) => !isIn(patterns));
  if (!narrower) return [];
  return [{ path: 'image', problem: `is ${image}, which may not be run`, fix: `use one of ${narrower.join(', ')}` }];
}

function rangeProblems(
  { ranges }: SandboxPolicy,
  allow: NonNullable<NonNullable<SandboxOrder['network']>['allow']>,
): Problem[] {
  const fix = ranges.length === 0 ? 'leave it out: SANDBOXES_RANGES names none' : `use ranges of ${ranges.join(', ')}`;
  return allow.flatMap(({ cidr }, index) =>
    liesIn(cidr, ranges) ? [] : [{ path: `network.allow[${index}].cidr`, problem: 'may not be reached', fix }],
  );
}

/** No policy can bound what names are asked for, and a name that is asked for carries data out. */
function dnsProblems({ dns: allowed }: SandboxPolicy, asked: boolean): Problem[] {
  const fix = 'leave it out: SANDBOXES_DNS of the server is false';
  return asked && !allowed ? [{ path: 'network.dns', problem: 'may not be used', fix }] : [];
}

function longer(path: string, ms: number, most: number): Problem[] {
  return ms > most ? [{ path, problem: `is more than ${most}`, fix: `ask for ${most} at most` }] : [];
}
