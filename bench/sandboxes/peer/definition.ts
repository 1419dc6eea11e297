import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { instanceLabel } from '@ephemera/model';
import { findGo, run } from '@ephemera/local-cluster/machinery';
import { parse } from 'yaml';
import type { ApiServer } from '../../api-server.ts';
import { waitFor } from '../../wait.ts';
import type { Conditioned } from '../ready.ts';
import { agentSandboxFolder, agentSandboxModule } from './tool.ts';

const collection = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const definitionName = 'sandboxes.agents.x-k8s.io';
const path = `${collection}/${definitionName}`;
const file = join('k8s', 'crds', 'agents.x-k8s.io_sandboxes.yaml');
const timeoutMs = 120_000;

export interface Definition {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface ReadOptions {
  readonly cache: string;
  readonly signal: AbortSignal;
}

/** The kind `Sandbox` as the peer publishes it: Go keeps a module's files beside its sources, and fetches them where they are not there. */
export async function readDefinition({ cache, signal }: ReadOptions): Promise<Definition> {
  const go = await findGo({ cache, signal, report: undefined });
  const answer = await run(go, ['mod', 'download', '-json', agentSandboxModule], {
    cwd: agentSandboxFolder,
    env: { ...process.env, GOTOOLCHAIN: 'auto', GOFLAGS: '', GOWORK: 'off' },
    timeoutMs: 300_000,
    signal,
  });
  const { Dir: folder } = JSON.parse(answer) as { readonly Dir: string };
  return parse(await readFile(join(folder, file), 'utf8')) as Definition;
}

/**
 * As it is put into the cluster. Its other version is not used here, and to turn one into the other would take a webhook that nothing in
 * the cluster could reach; the label tells the next run that it came from here. Pure.
 */
export function installable({ metadata, spec, ...rest }: Definition, instance: string): Definition {
  return {
    ...rest,
    metadata: { ...metadata, labels: { ...metadata.labels, [instanceLabel]: instance } },
    spec: { ...spec, conversion: { strategy: 'None' } },
  };
}

/** Whether a run of the bench has put it there: another one is a user's, and with it all sandboxes of theirs. Pure. */
export function isOfBench({ metadata }: Definition): boolean {
  return /^bench-[0-9a-f]{8}$/.test(metadata.labels?.[instanceLabel] ?? '');
}

/** Undefined where the cluster has none. */
export async function presentDefinition(api: ApiServer): Promise<Definition | undefined> {
  try {
    return await api.call<Definition>('GET', path);
  } catch (error) {
    if (error instanceof Error && error.message.includes(': 404 ')) return undefined;
    throw error;
  }
}

export async function install(api: ApiServer, definition: Definition, signal: AbortSignal): Promise<void> {
  await api.call('POST', collection, definition);
  await waitFor({
    what: `the kind ${definitionName} to be served`,
    timeoutMs,
    everyMs: 50,
    signal,
    look: () => api.call<Conditioned>('GET', path),
    until: ({ status }) =>
      status?.conditions?.some((each) => each.type === 'Established' && each.status === 'True') ?? false,
  });
}

/** Also after Ctrl-C. Returns when it is gone, and with it all objects of the kind. */
export async function uninstall(api: ApiServer): Promise<void> {
  if ((await presentDefinition(api)) === undefined) return;
  await api.call('DELETE', path);
  await waitFor({
    what: `the kind ${definitionName} to be gone`,
    timeoutMs,
    everyMs: 100,
    signal: AbortSignal.timeout(timeoutMs),
    look: () => presentDefinition(api),
    until: (definition) => definition === undefined,
  });
}
