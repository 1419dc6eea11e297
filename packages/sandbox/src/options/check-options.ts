import { checkEnv, refuse } from '../commands/check.ts';
import { isSandboxId } from '../objects/names.ts';
import type { SandboxOptions, SandboxToleration } from '../sandbox-options.ts';
import type { CheckedOptions } from './checked-options.ts';
import { checkKeys, findings, isRecord, shown, type Findings } from './findings.ts';
import { checkNetwork } from './network.ts';
import { checkSizes } from './quantities.ts';
import { checkImage, checkMetadata, checkName, checkNodeSelector, checkObjectName } from './texts.ts';
import { checkStartTimeout, checkTimeout, defaultStartTimeoutMs, defaultTimeoutMs } from './times.ts';

export const defaultImage = 'nikolaik/python-nodejs:python3.11-nodejs20-bullseye';
/** An account of that name without any right comes with `k8s/rbac/k8s.yaml`. */
export const defaultAccount = 'ci-fixer-sandbox';
const defaultUser = 1000;
const mostUser = 2 ** 31 - 1;
export const archLabel = 'kubernetes.io/arch';

type Known = Omit<SandboxOptions, 'on'>;

/** As a record, so that an option that is added is not forgotten here. */
const knownOptions: Readonly<Record<keyof Known, true>> = {
  image: true,
  name: true,
  env: true,
  resources: true,
  timeoutMs: true,
  idleTimeoutMs: true,
  startTimeoutMs: true,
  disk: true,
  user: true,
  readOnlyRoot: true,
  network: true,
  serviceAccountName: true,
  imagePullSecrets: true,
  runtimeClassName: true,
  hostUsers: true,
  nodeSelector: true,
  tolerations: true,
  arch: true,
  metadata: true,
  onStage: true,
  signal: true,
};

/** Fills in every default. Pure; throws `sandbox.invalid` with all that is wrong at once, also for callers without types. */
export function checkOptions(options: Known): CheckedOptions {
  const found = findings();
  const checked = read(found, options);
  refuse('This sandbox', found.problems);
  return checked;
}

/** The new time of a sandbox that lives. Throws `sandbox.invalid`. */
export function checkedTimeout(timeoutMs: number): number {
  const found = findings();
  const checked = checkTimeout(found, 'timeoutMs', timeoutMs);
  refuse('This extension', found.problems);
  return checked;
}

/** The id that a host is given. Throws `sandbox.invalid`. */
export function assertId(id: unknown): void {
  if (id === undefined || isSandboxId(id)) return;
  const fix = 'give sandbox- and 10 hexadecimal digits, or leave it out.';
  refuse('This sandbox', [{ path: 'id', problem: `is ${shown(id)}`, fix }]);
}

function read(found: Findings, options: Known): CheckedOptions {
  checkKeys(found, '', { ...options }, Object.keys(knownOptions));
  const { timeoutMs = defaultTimeoutMs, idleTimeoutMs, startTimeoutMs = defaultStartTimeoutMs } = options;
  for (const one of checkEnv(options.env)) if (one) found.add(one.path, one.problem, one.fix);
  const arch = checkArch(found, options.arch);
  return {
    image: checkImage(found, 'image', options.image ?? defaultImage),
    name: checkName(found, 'name', options.name),
    ...checkSizes(found, options.resources, options.disk),
    timeoutMs: checkTimeout(found, 'timeoutMs', timeoutMs),
    idleTimeoutMs: idleTimeoutMs === undefined ? undefined : checkTimeout(found, 'idleTimeoutMs', idleTimeoutMs),
    startTimeoutMs: checkStartTimeout(found, 'startTimeoutMs', startTimeoutMs),
    user: checkUser(found, options.user),
    readOnlyRoot: checkSwitch(found, 'readOnlyRoot', options.readOnlyRoot ?? true),
    network: checkNetwork(found, options.network),
    serviceAccountName: checkObjectName(found, 'serviceAccountName', options.serviceAccountName) ?? defaultAccount,
    imagePullSecrets: checkSecrets(found, options.imagePullSecrets),
    runtimeClassName: checkObjectName(found, 'runtimeClassName', options.runtimeClassName),
    hostUsers: checkHostUsers(found, options.hostUsers),
    nodeSelector: checkNodes(found, options.nodeSelector, arch),
    tolerations: checkTolerations(found, options.tolerations),
    arch,
    metadata: checkMetadata(found, 'metadata', options.metadata),
  };
}

function checkArch(found: Findings, arch: unknown = 'amd64'): CheckedOptions['arch'] {
  if (arch === 'amd64' || arch === 'arm64') return arch;
  found.add('arch', `is ${shown(arch)}`, 'use amd64 or arm64.');
  return 'amd64';
}

function checkUser(found: Findings, user: unknown = defaultUser): number {
  if (Number.isInteger(user) && Number(user) >= 0 && Number(user) <= mostUser) return Number(user);
  found.add('user', `is ${shown(user)}`, `give a user id, 0 to ${mostUser}.`);
  return defaultUser;
}

function checkSwitch(found: Findings, path: string, value: unknown): boolean {
  if (typeof value !== 'boolean') found.add(path, `is ${shown(value)}`, 'use true or false.');
  return value === true;
}

/** There is no way to ask for the users of the node: that is what the cluster does by itself, or does not. */
function checkHostUsers(found: Findings, value: unknown): false | undefined {
  if (value === false || value === undefined) return value;
  found.add('hostUsers', `is ${shown(value)}`, 'use false, or leave it out.');
  return undefined;
}

function checkSecrets(found: Findings, value: unknown = []): readonly string[] {
  if (!Array.isArray(value)) {
    found.add('imagePullSecrets', `is ${shown(value)}`, 'give a list of names of Secrets.');
    return [];
  }
  return value.flatMap((name: unknown, place) => {
    const path = `imagePullSecrets[${place}]`;
    if (name === undefined) found.add(path, 'is missing', 'give the name of a Secret.');
    return checkObjectName(found, path, name) ?? [];
  });
}

function checkNodes(found: Findings, value: unknown, arch: string): Readonly<Record<string, string>> {
  const selector = checkNodeSelector(found, 'nodeSelector', value);
  const other = selector[archLabel];
  if (other !== undefined && other !== arch) {
    found.add('nodeSelector', `has ${archLabel}: ${other}, and arch is ${arch}`, 'set arch only.');
  }
  return selector;
}

const tolerationKeys: readonly string[] = ['key', 'operator', 'value', 'effect'];

function checkTolerations(found: Findings, value: unknown = []): readonly SandboxToleration[] {
  if (!Array.isArray(value)) {
    found.add('tolerations', `is ${shown(value)}`, 'give a list.');
    return [];
  }
  value.forEach((one: unknown, place) => {
    const fits =
      isRecord(one) &&
      Object.entries(one).every(([key, text]) => tolerationKeys.includes(key) && typeof text === 'string');
    if (!fits) found.add(`tolerations[${place}]`, `is ${shown(one)}`, 'give key, operator, value and effect as texts.');
  });
  return value as readonly SandboxToleration[];
}
