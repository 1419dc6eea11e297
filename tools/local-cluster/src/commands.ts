import { join } from 'node:path';
import type { ClusterOptions, ToolCommand } from './contract.ts';
import { layoutOf } from './layout.ts';
import { programOf, toolboxOf } from './toolbox.ts';

/** The cluster's own programs, to be run by path; nothing of them is on PATH. */
export function clusterTools({ cache, name }: ClusterOptions): { kubectl: ToolCommand } {
  const layout = layoutOf(cache, name);
  const toolbox = toolboxOf(cache);
  return {
    kubectl: {
      command: programOf(toolbox, 'kube'),
      // Its cache of API descriptions would otherwise go to the user's ~/.kube.
      args: ['kubectl', `--kubeconfig=${layout.kubeconfig}`, `--cache-dir=${join(layout.folder, 'kubectl')}`],
    },
  };
}
