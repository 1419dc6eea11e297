import type { JobSpec, ObjectMeta } from '@ephemera/model';
import * as pulumi from '@pulumi/pulumi';
import type { RegisterResourceRequest } from '@pulumi/pulumi/proto/resource_pb.js';
import { MockMonitor } from '@pulumi/pulumi/runtime/mocks.js';
import { vi } from 'vitest';

/** What tests look at of a resource's arguments; a resource that is no object of Kubernetes has none of these. */
export interface Inputs extends Readonly<Record<string, unknown>> {
  readonly metadata: ObjectMeta;
  readonly spec: JobSpec;
  readonly stringData: Readonly<Record<string, unknown>>;
}

/** What a program asked Pulumi's engine for. */
export interface Registered {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  /** Plain, with secrets as if they were not. */
  readonly inputs: Inputs;
  /** As they go to the engine: secrets are marked. */
  readonly sent: Inputs;
  /** URNs. */
  readonly dependencies: readonly string[];
  readonly provider: string;
  readonly deleteBeforeReplace: boolean;
  readonly replaceOnChanges: readonly string[];
  /** What is not set is an empty text. */
  readonly timeouts: Readonly<Record<'create' | 'update' | 'delete', string>>;
}

export interface Recording<Result> {
  readonly result: Result;
  readonly resources: readonly Registered[];
  readonly warnings: readonly string[];
}

/** Every resource comes to be as it was asked for. */
export const mocks: pulumi.runtime.Mocks = {
  newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs }),
  call: ({ inputs }) => inputs,
};

/**
 * Runs a program against Pulumi's mock engine and gives what it registered, in order. The mock engine does not tell its mocks about
 * dependencies and options, so the request itself is read.
 */
export async function record<Result>(
  program: () => Result,
  config: Readonly<Record<string, string>> = {},
): Promise<Recording<Result>> {
  const resources: Registered[] = [];
  const warn = vi.spyOn(pulumi.log, 'warn').mockImplementation(async () => undefined);
  const register = vi.spyOn(MockMonitor.prototype, 'registerResource');
  const original = register.getMockImplementation() ?? registerResource;
  register.mockImplementation(async function (this: MockMonitor, request: RegisterResourceRequest, callback) {
    await original.call(this, request, callback);
    resources.push(read(this, request));
  });
  try {
    await pulumi.runtime.setMocks(mocks);
    pulumi.runtime.setAllConfig({ ...config });
    const result = program();
    await pulumi.runtime.disconnect();
    return { result, resources, warnings: warn.mock.calls.map(([message]) => message) };
  } finally {
    register.mockRestore();
    warn.mockRestore();
  }
}

const { registerResource } = MockMonitor.prototype;

function read(monitor: MockMonitor, request: RegisterResourceRequest): Registered {
  const sent = (request.getObject()?.toJavaScript() ?? {}) as Inputs;
  const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
  return {
    urn: (monitor as unknown as Named).newUrn(parent, type, name),
    type,
    name,
    parent,
    inputs: unwrapped(sent) as Inputs,
    sent,
    dependencies: request.getDependenciesList(),
    provider: request.getProvider(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    replaceOnChanges: request.getReplaceonchangesList(),
    timeouts: timeoutsOf(request),
  };
}

function timeoutsOf(request: RegisterResourceRequest): Registered['timeouts'] {
  const { create = '', update = '', pb_delete = '' } = request.getCustomtimeouts()?.toObject() ?? {};
  return { create, update, delete: pb_delete };
}

/** How the mock engine names what it registers. */
interface Named {
  newUrn(parent: string, type: string, name: string): string;
}

const secretSignature = '1b47061264138c4ac30d75fd1eb44270';

export function isSecret(value: unknown): value is { readonly value: unknown } {
  return typeof value === 'object' && value !== null && Object.values(value).includes(secretSignature);
}

function unwrapped(value: unknown): unknown {
  if (isSecret(value)) return unwrapped(value.value);
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, unwrapped(child)]));
}

export function valueOf<Value>(output: pulumi.Output<Value>): Promise<Value> {
  return new Promise((resolve) => output.apply(resolve));
}

/**
 * The error of a program whose output turns out to be wrong. Pulumi leaves such errors to the process, whose handler ends the program
 * and prints them; while the program runs here, this is that handler.
 */
export async function failureOf(program: () => unknown): Promise<Error> {
  const [failure] = await failuresOf(program);
  return failure ?? new Error('nothing failed');
}

/** The same, all of them: Pulumi reports each error object once. */
export async function failuresOf(program: () => unknown): Promise<readonly Error[]> {
  const handlers = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  const failures: Error[] = [];
  try {
    const failed = new Promise<void>((resolve) =>
      process.on('unhandledRejection', (error) => {
        failures.push(error as Error);
        resolve();
      }),
    );
    program();
    await failed;
    // One error rejects several promises of an output; the others follow at once.
    await new Promise((resolve) => setImmediate(resolve));
    return failures;
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const handler of handlers) process.on('unhandledRejection', handler);
  }
}

export function only(resources: readonly Registered[], type: string): Registered {
  const found = resources.filter((resource) => resource.type === type);
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} resources are of type ${type}`);
  return first;
}

export const types = {
  namespace: 'kubernetes:core/v1:Namespace',
  secret: 'kubernetes:core/v1:Secret',
  configMap: 'kubernetes:core/v1:ConfigMap',
  job: 'kubernetes:batch/v1:Job',
  provider: 'pulumi:providers:kubernetes',
  component: 'kubernetes-job:index:KubernetesJob',
} as const;
