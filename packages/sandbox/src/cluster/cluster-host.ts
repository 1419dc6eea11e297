import { isOwned, type Cluster, type Graces } from '@ephemera/kube';
import { instanceLabel, type Job } from '@ephemera/model';
import { SandboxNotFound, SandboxNotYours } from '../errors.ts';
import type { SandboxHost, SandboxPlace } from '../host.ts';
import { infoOf } from '../objects/info.ts';
import { defaultTtlSeconds } from '../objects/job.ts';
import { appLabel, ownerAnnotation, ownerOf, ownerOfAll, sandboxApp } from '../objects/marks.ts';
import { idOfName, isSandboxId } from '../objects/names.ts';
import { assertId, checkOptions } from '../options/check-options.ts';
import { defaultStartTimeoutMs } from '../options/times.ts';
import { closeStream, watchStart } from './await-start.ts';
import { clusterPlace } from './cluster-place.ts';
import { clusterTime } from './cluster-time.ts';
import { createSandbox } from './create-sandbox.ts';
import { assertOwnUsers, wantsOwnUsers } from './own-users.ts';
import { jobRef, type Setting } from './setting.ts';
import { sharedCluster, type AccessChoice } from './shared-cluster.ts';

export interface ClusterHostOptions extends AccessChoice {
  /** A connection that is there already; the caller keeps it. */
  readonly cluster?: Cluster;
  /** Default `default`. */
  readonly namespace?: string;
  /** The id of the server that makes them: who uses none has no part in its sandboxes, nor it in theirs. Default: none. */
  readonly instance?: string;
  /** The account of that server: it sees its own sandboxes only. Default: those of all. */
  readonly owner?: string;
  /** How long the cluster keeps a Job after its end. Default 300. */
  readonly ttlSecondsAfterFinished?: number;
  /** How long what may heal by itself may keep a sandbox from starting; see `Graces` of packages/kube. */
  readonly graces?: Partial<Graces>;
}

/** Sandboxes as Jobs of a Kubernetes cluster, by our own rights there. Nothing is asked of the cluster before it is needed. */
export function clusterHost(options: ClusterHostOptions = {}): SandboxHost {
  const { namespace = 'default', instance, owner, graces = {}, ttlSecondsAfterFinished = defaultTtlSeconds } = options;
  const connect = async (): Promise<Cluster> => options.cluster ?? sharedCluster(options);
  const now = clusterTime(connect);
  const open = async (): Promise<Setting> => ({
    cluster: await connect(),
    namespace,
    instance,
    owner,
    graces,
    ttlSeconds: ttlSecondsAfterFinished,
    now,
  });

  /** One of ours. Undefined where there is none of that id. */
  const read = async (setting: Setting, id: string, signal: AbortSignal | undefined): Promise<Job | undefined> => {
    const job = await setting.cluster.get<Job>(jobRef(setting, id), signal);
    if (job === undefined) return undefined;
    if (!isOwned(job, ownerOf(id, instance))) throw new SandboxNotYours({ id, owner: ownerInWords(job) });
    if (!isOfOwner(job, owner)) throw new SandboxNotYours({ id, owner: 'another account' });
    return job;
  };

  return {
    create: async ({ signal, onStage, id, ...rest }) => {
      const checked = checkOptions(rest);
      assertId(id);
      const setting = await open();
      const { job, greeted } = await createSandbox(setting, { options: checked, id, signal, onStage });
      return clusterPlace({ setting, job, stream: greeted.stream });
    },
    find: async (id, signal) => {
      const setting = await open();
      const job = isSandboxId(id) ? await read(setting, id, signal) : undefined;
      if (job === undefined) throw new SandboxNotFound({ id });
      return clusterPlace({ setting, job });
    },
    findByName: async (name, signal) => {
      const { name: checked = '' } = checkOptions({ name });
      const setting = await open();
      const id = idOfName(checked, setting);
      const job = await read(setting, id, signal);
      if (job === undefined) return undefined;
      const { state, name: found } = infoOf(job);
      // An id can be chosen, also that of a name.
      if (found !== checked) throw new SandboxNotYours({ id, owner: `whoever made it without the name ${checked}` });
      if (state === 'ended') return undefined;
      return state === 'running' ? clusterPlace({ setting, job }) : untilStarted(setting, job, signal);
    },
    list: async (signal) => {
      const setting = await open();
      const labelSelector = setting.cluster.as(ownerOfAll(instance)).ours;
      const { items } = await setting.cluster.list<Job>('batch/v1/Job', { namespace, labelSelector, signal });
      return items.filter((job) => isOfOwner(job, owner)).map(infoOf);
    },
  };
}

/** Somebody else makes it just now, and removes it should it fail: then there is none. */
async function untilStarted(
  setting: Setting,
  job: Job,
  signal: AbortSignal | undefined,
): Promise<SandboxPlace | undefined> {
  const id = job.metadata.name;
  const deadline = AbortSignal.timeout(defaultStartTimeoutMs);
  const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  using start = watchStart({ setting, id, signal: either, onStage: () => {} });
  try {
    const started = await start.runs(job);
    try {
      if (wantsOwnUsers(job)) assertOwnUsers(started.greeted.figures);
    } catch (thrown) {
      closeStream(started);
      throw thrown;
    }
    return clusterPlace({ setting, job, stream: started.greeted.stream });
  } catch (error) {
    const left = await setting.cluster.get<Job>(jobRef(setting, id), signal);
    if (left === undefined || infoOf(left).state === 'ended') return undefined;
    throw error;
  }
}

function isOfOwner({ metadata }: Job, owner: string | undefined): boolean {
  return owner === undefined || metadata.annotations?.[ownerAnnotation] === owner;
}

function ownerInWords({ metadata }: Job): string {
  const { labels = {} } = metadata;
  if (labels[appLabel] !== sandboxApp) return 'somebody who is not Ephemera';
  const instance = labels[instanceLabel];
  return instance === undefined ? 'whoever made it without a server' : `an Ephemera server (instance ${instance})`;
}
