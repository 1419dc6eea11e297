import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * The texts of the kubeconfigs that Pulumi's provider would use where none is given: that of the stack's configuration (its text or its
 * path), else the files of KUBECONFIG, else the one in the home folder. What cannot be read is left out: to complain is the provider's part.
 */
export function ambientKubeconfigs(
  ofStack: string | undefined,
  { KUBECONFIG }: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  if (ofStack !== undefined && /[\n{]/.test(ofStack)) return [ofStack];
  const paths = (ofStack || KUBECONFIG || join(homedir(), '.kube', 'config')).split(delimiter);
  return paths.flatMap((path) => {
    try {
      return path === '' ? [] : [readFileSync(path, 'utf8')];
    } catch {
      return [];
    }
  });
}
