// A job from a program: run it, print what it says, say why where it fails, and remove it. The exit code is 0 when it is complete.
// `node examples/jobs/run-job.ts [NAMESPACE]`
import { compile, deleteJob, followJob, runJob } from '@ephemera/job';
import { connectCluster, findAccess } from '@ephemera/kube';

const compiled = compile({
  apiVersion: 'kubernetes.project-planton.org/v1',
  kind: 'KubernetesJob',
  metadata: { name: 'run-job' },
  spec: {
    namespace: process.argv[2] ?? 'default',
    image: { repo: 'busybox', tag: '1' },
    env: { variables: { WHO: { value: 'program' } } },
    command: ['sh', '-c', 'echo "Hello $WHO, from pod $K8S_POD_ID."'],
  },
});

// Where kubectl would look, unless KUBECONFIG_PATH says otherwise.
const access = findAccess({ kubeconfigPath: process.env['KUBECONFIG_PATH'] });
await using cluster = await connectCluster(access);
const signal = AbortSignal.timeout(300_000);

// One that has ended before is no reason not to run.
const started = await runJob(cluster, compiled, { replace: true, signal });
try {
  const { outcome, diagnosis } = await followJob(cluster, started, {
    signal,
    onEvent: (event) => {
      if (event.type === 'log') console.log(event.line);
    },
  });
  console.error(`job ${started.name}: ${outcome}${diagnosis === undefined ? '' : `: ${diagnosis.message}`}`);
  process.exitCode = outcome === 'complete' ? 0 : 1;
} finally {
  // A Job that was there and still runs is somebody's who started it.
  if (started.change === 'created' || started.change === 'replaced') await deleteJob(cluster, started);
}
