import { kubeErrors, type Diagnosis } from '@ephemera/kube';
import { messageOf, orAborted, type Job, type Pod } from '@ephemera/model';
import type { SandboxStage } from '../sandbox-options.ts';
import { explainStart } from './explain-start.ts';
import type { Greeted } from './greet.ts';
import { progressOf } from './pod-state.ts';
import { watchPods } from './pod-watch.ts';
import { reachRunner } from './reach-runner.ts';
import type { Setting } from './setting.ts';

export interface Start {
  readonly setting: Setting;
  readonly id: string;
  /** Ends the wait with its reason. */
  readonly signal: AbortSignal;
  readonly onStage: (stage: SandboxStage['stage']) => void;
}

export interface Started {
  readonly pod: Pod;
  readonly greeted: Greeted;
}

/** For a start that comes to nothing after its runner has answered: the cluster holds a process for each stream. */
export function closeStream({ greeted }: Started): void {
  greeted.stream.close();
}

/**
 * Follows a sandbox from its Job to the first words of its runner. It begins before the Job is there, so that nothing of the start is
 * spent on opening the watch.
 */
export interface StartWatch extends Disposable {
  /** Throws `sandbox.start_failed` as soon as waiting longer cannot help, `sandbox.gone` where the Job is removed or ends meanwhile. */
  runs(job: Job): Promise<Started>;
  /** How far it is, in words. */
  progress(): string;
}

export function watchStart({ setting, id, signal: outer, onStage }: Start): StartWatch {
  const scope = new AbortController();
  const signal = AbortSignal.any([outer, scope.signal]);
  let job: Job | undefined;
  let diagnosis: Diagnosis | undefined;
  let problem: unknown;
  // It is tried again; what stays wrong stands in the message once the time is over.
  const onProblem = (error: unknown): void => {
    problem = error;
  };
  // A right that is missing stays missing.
  const refused = Promise.withResolvers<never>();
  refused.promise.catch(() => {});
  const onWatchError = (error: unknown): void => {
    onProblem(error);
    if (error instanceof kubeErrors.Forbidden) refused.reject(error);
  };
  const watch = watchPods(setting, id, { signal, onError: onWatchError });

  return {
    runs: async (made) => {
      job = made;
      const following = { setting, job, watch, signal };
      const reached = reachRunner({ ...following, onProblem, onScheduled: () => onStage('scheduled') });
      const doubted = explainStart({ ...following, onDiagnosis: (found) => (diagnosis = found), onProblem });
      try {
        const started = await orAborted(Promise.race([reached, doubted, refused.promise]), signal);
        onStage('started');
        return started;
      } catch (thrown) {
        // It may be open already, or just now.
        reached.then(closeStream, () => {});
        throw thrown;
      } finally {
        scope.abort();
      }
    },
    progress: () => {
      const last = problem === undefined ? '' : ` The last problem: ${messageOf(problem)}`;
      return diagnosis?.message ?? `${progressOf(watch.of(job))}${last}`;
    },
    [Symbol.dispose]: () => scope.abort(),
  };
}
