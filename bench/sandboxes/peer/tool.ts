import { join } from 'node:path';
import type { Tool } from '@ephemera/local-cluster';

export const agentSandboxVersion = 'v0.5.6';
export const agentSandboxModule = 'sigs.k8s.io/agent-sandbox';

const folder = join(import.meta.dirname, 'go');

/** A module of ours pins it: its checksums are committed, and Go finds the files beside the program by it. */
export const agentSandboxFolder = join(folder, 'agent-sandbox');

/** The controller of kubernetes-sigs/agent-sandbox, which makes a pod out of each object `Sandbox`. */
export const agentSandbox: Tool = {
  name: 'agent-sandbox',
  version: agentSandboxVersion,
  binaries: ['agent-sandbox-controller'],
  source: {
    module: 'agent-sandbox',
    folder,
    program: `${agentSandboxModule}/cmd/agent-sandbox-controller`,
  },
};
