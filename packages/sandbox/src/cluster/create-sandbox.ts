import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { EphemeraError, orAborted, type Job, type Manifest } from '@ephemera/model';
import { NameTaken, StartTimeout } from '../errors.ts';
import { isBelongingOf, networkPolicy, runnerConfig, type Belonging } from '../objects/belongings.ts';
import { infoOf } from '../objects/info.ts';
import { sandboxJob, type Making } from '../objects/job.ts';
import { creationAnnotation } from '../objects/marks.ts';
import { idOf, idOfName } from '../objects/names.ts';
import type { CheckedOptions } from '../options/checked-options.ts';
import { provideRunner } from '../runner/provide-runner.ts';
import type { SandboxStage } from '../sandbox-options.ts';
import { closeStream, watchStart, type Started, type StartWatch } from './await-start.ts';
import { assertOwnUsers } from './own-users.ts';
import { removeSandbox } from './remove-sandbox.ts';
import { asOwner, jobRef, type Setting } from './setting.ts';
import { untilAnswered } from './until-answered.ts';

/** For the removal of what a failed start has made; it does not count as a part of the start. */
const cleanupTimeoutMs = 60_000;
/** A creation whose answer never came may still be carried out; one that was is seen after this time. */
const lateCreationMs = 1_000;
/** Between two looks at an earlier sandbox of this name that is being removed. */
const namePauseMs = 200;

export interface CreateRequest {
  readonly options: CheckedOptions;
  /** Default: drawn, or made of the name. */
  readonly id?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStage?: ((stage: SandboxStage) => void) | undefined;
}

export interface Made extends Started {
  readonly job: Job;
}

/**
 * Makes a sandbox and waits until its runner answers. The Job comes first and everything else belongs to it from its first moment on, so
 * that whoever is killed in between leaves nothing that does not end by itself. Nothing runs in the sandbox before its network policy is
 * there: the runner comes after it, and no container starts without the runner. Whatever goes wrong, and when the signal aborts, it removes
 * what it has made first.
 */
export async function createSandbox(setting: Setting, request: CreateRequest): Promise<Made> {
  const { options, signal, onStage } = request;
  signal?.throwIfAborted();
  const { name, startTimeoutMs } = options;
  const deadline = AbortSignal.timeout(startTimeoutMs);
  const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  const began = performance.now();
  const tell = (stage: SandboxStage['stage']): void => onStage?.({ stage, ms: Math.round(performance.now() - began) });
  const id = request.id ?? (name === undefined ? idOf(randomBytes(5)) : idOfName(name, setting));
  const creation = randomBytes(8).toString('hex');
  let job: Job | undefined;
  let made: Made | undefined;
  let isAsked = false;
  const onAsked = (): void => {
    isAsked = true;
  };
  const onCreated = (created: Job): void => {
    job = created;
    tell('created');
  };
  using start = watchStart({ setting, id, signal: either, onStage: tell });
  try {
    const making = { id, creation, options };
    made = await make(setting, { making, start, signal: either, onAsked, onCreated });
    tell('connected');
    signal?.throwIfAborted();
    return made;
  } catch (thrown) {
    if (made !== undefined) closeStream(made);
    if (isAsked) await cleanUp(setting, { id, creation, job, mayComeLate: either.aborted || !isRefusal(thrown) });
    signal?.throwIfAborted();
    if (!deadline.aborted) throw thrown;
    throw new StartTimeout(
      { image: options.image, timeoutMs: startTimeoutMs, reason: start.progress() },
      { cause: thrown },
    );
  }
}

interface MakeRequest {
  readonly making: Pick<Making, 'id' | 'creation' | 'options'>;
  readonly start: StartWatch;
  readonly signal: AbortSignal;
  /** From now on there may be a Job. */
  readonly onAsked: () => void;
  readonly onCreated: (job: Job) => void;
}

async function make(setting: Setting, { making, start, signal, onAsked, onCreated }: MakeRequest): Promise<Made> {
  const { options } = making;
  // Both are asked for by others of this process too, so neither ends with this call.
  const [runner, now] = await orAborted(Promise.all([provideRunner(options.arch), setting.now()]), signal);
  const wanted = sandboxJob({
    ...making,
    namespace: setting.namespace,
    owner: setting.owner,
    ttlSeconds: setting.ttlSeconds,
    expiresAt: new Date(now.getTime() + options.timeoutMs),
  });
  const job = await createJob(setting, { wanted, signal, onAsked });
  onCreated(job);
  const belongings = createBelongings(setting, { job, signal, runner, network: options.network });
  const running = start.runs(job);
  try {
    const [started] = await Promise.all([running, belongings]);
    if (options.hostUsers === false) assertOwnUsers(started.greeted.figures);
    return { job, ...started };
  } catch (thrown) {
    running.then(closeStream, () => {});
    throw thrown;
  } finally {
    // What is still on its way would come after the removal of the rest.
    await Promise.allSettled([belongings]);
  }
}

interface BelongingsRequest {
  readonly job: Job;
  readonly signal: AbortSignal;
  readonly runner: Uint8Array;
  readonly network: CheckedOptions['network'];
}

/**
 * One after the other: whoever finds the sandbox by its name or id, in whichever process, can reach it as soon as it has its runner, and
 * must find the policy there. The second round trip passes while the pod is given a node.
 */
async function createBelongings(setting: Setting, { job, signal, runner, network }: BelongingsRequest): Promise<void> {
  const cluster = asOwner(setting, job.metadata.name);
  await createBelonging(cluster, { object: networkPolicy(job, network), job, signal });
  await createBelonging(cluster, { object: runnerConfig(job, runner), job, signal });
}

interface BelongingRequest {
  readonly object: Manifest;
  readonly job: Job;
  readonly signal: AbortSignal;
}

/** One of an earlier sandbox of this name may still be there: the cluster removes it in its own time. */
async function createBelonging(cluster: Cluster, { object, job, signal }: BelongingRequest): Promise<void> {
  for (;;) {
    try {
      const { object: present } = await cluster.create<Belonging>(object, signal);
      if (isBelongingOf(present, job.metadata.uid)) return;
      await cluster.remove(refOf(present), { uid: present.metadata.uid, signal });
    } catch (error) {
      if (!(error instanceof kubeErrors.Terminating) || isOfNamespace(error)) throw error;
    }
    await wait(namePauseMs, undefined, { signal });
  }
}

interface JobRequest {
  readonly wanted: Job;
  readonly signal: AbortSignal;
  readonly onAsked: () => void;
}

/** Throws `sandbox.name_taken` where a living sandbox has the name; one that has ended makes room. */
async function createJob(setting: Setting, { wanted, signal, onAsked }: JobRequest): Promise<Job> {
  const id = wanted.metadata.name;
  const cluster = asOwner(setting, id);
  for (;;) {
    signal.throwIfAborted();
    try {
      // A request that is broken off may be carried out all the same, and nobody would know of the Job: its answer gets some time.
      using patience = after(signal, lateCreationMs);
      onAsked();
      const { object } = await cluster.create(wanted, patience.signal);
      if (isMade(object, wanted.metadata.annotations?.[creationAnnotation])) return object;
      const { name, state } = infoOf(object);
      // Only a name is used again: an id that was chosen by somebody stands for one sandbox, also after its end.
      if (state !== 'ended' || name === undefined) throw new NameTaken({ name: name ?? id, id });
      await removeSandbox(setting, { id, uid: object.metadata.uid ?? '', signal });
    } catch (error) {
      if (error instanceof kubeErrors.NotFound)
        throw new kubeErrors.NotFound({ what: `Namespace ${setting.namespace}` });
      if (!(error instanceof kubeErrors.Terminating) || isOfNamespace(error)) throw error;
      await wait(namePauseMs, undefined, { signal });
    }
  }
}

/** Aborts so much later than the given one. */
function after(signal: AbortSignal, ms: number): Disposable & { readonly signal: AbortSignal } {
  const scope = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(() => scope.abort(signal.reason), ms);
  };
  signal.addEventListener('abort', onAbort);
  return {
    signal: scope.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    },
  };
}

/** A namespace that ends takes nothing more, ever; a Job that ends makes room for the next one of its name. */
function isOfNamespace(error: Error): boolean {
  return error.message.startsWith('Namespace');
}

function isMade({ metadata }: Job, creation: string | undefined): boolean {
  return metadata.annotations?.[creationAnnotation] === creation;
}

/** The cluster, or we, have said no. */
function isRefusal(thrown: unknown): boolean {
  return thrown instanceof EphemeraError && !thrown.retryable;
}

interface Remains extends Pick<Making, 'id' | 'creation'> {
  /** Undefined: whether there is one is not known, also after a refusal: it may be of a request that was sent again. */
  readonly job: Job | undefined;
  /** Whether the last request may still be carried out. */
  readonly mayComeLate: boolean;
}

/** What cannot be removed now ends by the Job's own limit; the reason of the failed start is worth more than that it is so. */
async function cleanUp(setting: Setting, { id, creation, job, mayComeLate }: Remains): Promise<void> {
  const signal = AbortSignal.timeout(cleanupTimeoutMs);
  const find = () => setting.cluster.get<Job>(jobRef(setting, id), signal, 'urgent');
  try {
    for (const pauseMs of job === undefined && mayComeLate ? [0, lateCreationMs] : [0]) {
      await wait(pauseMs, undefined, { signal });
      const made = job ?? (await untilAnswered(find, signal));
      if (made === undefined || !isMade(made, creation)) continue;
      await removeSandbox(setting, { id, uid: made.metadata.uid ?? '', signal });
      return;
    }
  } catch {}
}
