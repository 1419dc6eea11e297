// A program of a user in plain JavaScript, which says what it registered.
import { KubernetesJob } from '@ephemera/kubernetes-job';
import * as pulumi from '@pulumi/pulumi';

/** @type {string[]} */
const registered = [];
await pulumi.runtime.setMocks({
  newResource: ({ type, name, inputs }) => {
    registered.push(type);
    return { id: name, state: inputs };
  },
  call: () => ({}),
});
const job = new KubernetesJob('mine', {
  metadata: { name: 'small' },
  spec: { namespace: 'default', image: { repo: 'busybox', tag: pulumi.output('1') } },
});
const jobName = await new Promise((resolve) => job.jobName.apply(resolve));
process.stdout.write(JSON.stringify({ registered, jobName, typescript: process.features.typescript }));
