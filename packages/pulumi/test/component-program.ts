import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const nodeModules = join(import.meta.dirname, '..', '..', '..', 'node_modules');

/** Puts the built package beside what it depends on, as npm does, and returns where it is. */
export function installedIn(folder: string, built: string): string {
  const modules = join(folder, 'node_modules');
  const installed = join(modules, '@ephemera', 'kubernetes-job');
  mkdirSync(dirname(installed), { recursive: true });
  cpSync(built, installed, { recursive: true });
  for (const name of ['@pulumi', 'yaml', 'zod']) symlinkSync(join(nodeModules, name), join(modules, name));
  return installed;
}

/**
 * Puts a user's program with the component into a folder, and returns its own. It takes the tag of the image from TAG, but only once its
 * namespace is there, and a password from its configuration, for which a file of that name holds a value.
 */
export function componentProgram(
  folder: string,
  { installed, namespace }: { readonly installed: string; readonly namespace: string },
): string {
  installedIn(folder, installed);
  const program = join(folder, 'program');
  mkdirSync(program);
  const files = {
    password: 'hunter-2',
    'package.json': JSON.stringify({ type: 'module' }),
    'Pulumi.yaml': 'name: users\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.js\n',
    'index.js': `
      import { KubernetesJob } from '@ephemera/kubernetes-job';
      import * as kubernetes from '@pulumi/kubernetes';
      import * as pulumi from '@pulumi/pulumi';

      const home = new kubernetes.core.v1.Namespace('home', { metadata: { name: ${JSON.stringify(namespace)} } });
      const password = new pulumi.Config().requireSecret('password');
      const job = new KubernetesJob('nightly', {
        metadata: { name: 'nightly' },
        spec: {
          namespace: home.metadata.name,
          image: { repo: 'busybox', tag: home.id.apply(() => process.env.TAG) },
          command: ['sh', '-c', 'test "$PASSWORD" = hunter-2 && test "$AGAIN" = hunter-2'],
          env: {
            variables: [
              { name: 'FROM', value: pulumi.interpolate\`\${home.metadata.name}, active\` },
              { name: 'AGAIN', value: password },
            ],
            secrets: [{ name: 'PASSWORD', value: password }],
          },
        },
      });
      export const { namespace, jobName } = job;
    `,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(program, name), text);
  return program;
}
