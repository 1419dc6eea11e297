import type { Job, Pod } from '@ephemera/model';
import { explainPods, type Diagnosis, type Graces } from '../src/index.ts';
import type { World } from './world.ts';

/** What is wrong with a Job; everything else about it is fine. */
export interface Broken {
  readonly job?: object;
  readonly pod?: object;
  readonly container?: object;
  /** Default: the world's own. */
  readonly namespace?: string;
}

export function brokenJob(world: World, name: string, { job, pod, container, namespace }: Broken = {}): Job {
  const main = {
    name: 'main',
    image: 'busybox:1',
    imagePullPolicy: 'IfNotPresent',
    command: ['sleep', '600'],
    ...container,
  };
  const spec = { restartPolicy: 'Never', terminationGracePeriodSeconds: 5, containers: [main], ...pod };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: namespace ?? world.namespace },
    spec: { backoffLimit: 0, template: { spec }, ...job },
  } as Job;
}

/** The Job and its pods as they are now. */
export async function look(
  { cluster }: World,
  { metadata }: Job,
): Promise<{ job: Job | undefined; pods: readonly Pod[] }> {
  const { name, namespace = '' } = metadata;
  const [job, { items: pods }] = await Promise.all([
    cluster.get<Job>({ apiVersion: 'batch/v1', kind: 'Job', name, namespace }),
    cluster.list<Pod>('v1/Pod', { namespace, labelSelector: `batch.kubernetes.io/job-name=${name}` }),
  ]);
  return { job, pods };
}

export async function explain(world: World, broken: Job, graces: Partial<Graces> = {}): Promise<Diagnosis | undefined> {
  const { namespace = '' } = broken.metadata;
  return explainPods(world.cluster, { namespace, ...(await look(world, broken)), graces });
}
