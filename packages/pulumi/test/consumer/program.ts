// A program of a user, checked against the declarations of the published package by the compilers that they have.
import {
  KubernetesJob,
  readStackInput,
  Resources,
  type KubernetesJobArgs,
  type Outputs,
} from '@ephemera/kubernetes-job';
import * as pulumi from '@pulumi/pulumi';

const platform = new pulumi.StackReference('platform');
const home = platform.requireOutput('namespace').apply(String);
const password = new pulumi.Config().requireSecret('password');

const args: KubernetesJobArgs = {
  metadata: { name: 'migrate', labels: { team: 'shop' } },
  spec: {
    namespace: home,
    image: { repo: 'busybox', tag: pulumi.interpolate`v${home}` },
    command: ['sh', pulumi.output('-c')],
    env: { variables: [{ name: 'A', value: 'b' }], secrets: [{ name: 'PASSWORD', value: password }] },
    configMaps: { 'run.sh': 'echo' },
    volumeMounts: [{ name: 'script', mountPath: '/run.sh', subPath: 'run.sh', configMap: { name: 'run.sh' } }],
    tolerations: [{ key: 'batch', operator: 'Exists' }],
  },
};
const job = new KubernetesJob('migrate', args, { dependsOn: [platform], aliases: [{ name: 'older' }] });
export const names: pulumi.Output<string>[] = [job.namespace, job.jobName];
export const outputs: Outputs = Resources(readStackInput(), { dependsOn: [job] });

// @ts-expect-error: what decides which objects there are is plain.
args.metadata.name = home;
// @ts-expect-error: a number is not text.
args.spec.parallelism = '3';
// @ts-expect-error: no such field.
args.spec.paralelism = 3;
// @ts-expect-error: required.
export const incomplete: KubernetesJobArgs = { metadata: { name: 'a' }, spec: { namespace: 'a' } };
