import type { Cluster, KnownKind } from '@ephemera/kube';
import { instanceLabel, type KubeObject } from '@ephemera/model';
import { anyPrNameSelector } from '../../objects/labels.ts';
import { nameInJobName } from '../../objects/names.ts';
import { accountAnnotation, bare, ownToken } from '../secrets.ts';
import { disown } from './disown.ts';
import {
  accountPart,
  builderPart,
  claimPart,
  configMapPart,
  jobPart,
  podPart,
  secretPart,
  tokenPart,
  type Part,
  type ReadPart,
} from './part.ts';
import { leftoversOf } from './sweep-pr-job.ts';

/** One name of which something is there. */
export interface SurveyedPrJob {
  /** Whether `sweepPrJob` would find something to do. False also while what is left is being removed. */
  readonly isDue: boolean;
  /** What carries our mark and is not being removed, but for pods, which come and go with it; at least `metadata`. */
  readonly objects: readonly KubeObject[];
}

interface Place {
  readonly kind: KnownKind;
  readonly read: ReadPart;
  /** Of which names an object may be a part; `read` decides. */
  readonly names: (object: KubeObject) => readonly (string | undefined)[];
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface SurveyPlace {
  readonly namespace: string;
  readonly instance: string;
  /**
   * Only what carries the mark of `instance`: fewer and shorter lists where nothing else is expected, without what buildx has not labelled.
   * Default: everything.
   */
  readonly markedOnly?: boolean;
}

const labelled: Place['names'] = ({ metadata }) => [metadata.labels?.['pr-name']];

/** Those that a text stands for which has the name of a Job in it. */
const inJobName =
  (pattern: RegExp): Place['names'] =>
  (object) => [...labelled(object), nameInJobName(pattern.exec(object.metadata.name)?.[1])];

/** By the end of its name, as `prJobNames` makes it. */
const account = (kind: KnownKind, end: 'sa' | 'role' | 'rolebinding'): Place => ({
  kind,
  read: accountPart(kind),
  names: ({ metadata }) => [accountName(metadata.name, end)],
});
const accountName = (text: string, end: string): string | undefined =>
  text.endsWith(`-buildx-${end}`) ? text.slice(0, -`-buildx-${end}`.length) : undefined;

const jobs: Place = { kind: 'batch/v1/Job', read: jobPart, names: labelled, labelSelector: anyPrNameSelector };

const pods: Place = {
  kind: 'v1/Pod',
  read: podPart,
  names: (object) => {
    const { app, 'batch.kubernetes.io/job-name': job } = object.metadata.labels ?? {};
    return [...labelled(object), nameInJobName(job), nameInJobName(app)];
  },
  labelSelector: 'app',
};

const others: readonly Place[] = [
  ...(['apps/v1/Deployment', 'apps/v1/StatefulSet'] as const).map((kind) => ({
    kind,
    read: builderPart(kind),
    names: inJobName(/^(.+)$/),
  })),
  { kind: 'v1/ConfigMap', read: configMapPart, names: inJobName(/^(.+)-config(?:-\d{1,4})?$/) },
  { kind: 'v1/PersistentVolumeClaim', read: claimPart, names: inJobName(/^buildkitd-(.+)-\d{1,4}$/) },
  { kind: 'v1/Secret', read: secretPart, names: labelled, labelSelector: anyPrNameSelector },
  {
    kind: 'v1/Secret',
    read: tokenPart,
    names: ({ metadata }) => [accountName(metadata.annotations?.[accountAnnotation] ?? '', 'sa')],
    fieldSelector: ownToken,
  },
  account('rbac.authorization.k8s.io/v1/RoleBinding', 'rolebinding'),
  account('rbac.authorization.k8s.io/v1/Role', 'role'),
  account('v1/ServiceAccount', 'sa'),
];

/**
 * What there is of every name in a namespace, by name, in a dozen lists however many names there are. A name that is not in it has nothing
 * there. To be looked at again before anything is removed, by `sweepPrJob`: lists are older than their answer.
 *
 * Throws where anything cannot be listed.
 */
export async function surveyPrJobs(
  cluster: Cluster,
  place: SurveyPlace,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, SurveyedPrJob>> {
  const listed = async (one: Place) => partsOf(place, one, await list(cluster, place, one, signal));
  // Jobs first and last. Last, because a builder is always younger than its Job, so that of none the Job is missed. And first, because a Job
  // that goes meanwhile may have made a builder after those were listed: its name is not without anything.
  const before = await listed(jobs);
  // A pod may outlive its Job for some seconds, and make a builder in these.
  const running = await listed(pods);
  const rest = (await Promise.all(others.map(listed))).flat();
  const seen = [...running, ...rest, ...(await listed(jobs))];
  const byName = new Map<string, Map<string | undefined, Part>>();
  for (const { name } of before) byName.set(name, new Map());
  for (const { name, part } of seen) {
    const parts = byName.get(name) ?? new Map<string | undefined, Part>();
    byName.set(name, parts.set(part.object.metadata.uid, part));
  }
  return new Map([...byName].map(([name, parts]) => [name, surveyed([...parts.values()])] as const));
}

function surveyed(parts: readonly Part[]): SurveyedPrJob {
  const ours = disown(parts).filter(({ whose }) => typeof whose === 'string');
  const isThere = ({ object }: Part): boolean => object.metadata.deletionTimestamp === undefined;
  return {
    // Nothing of ours, but it had a Job just now, or others have something: only a closer look says that it is gone.
    isDue: ours.length === 0 || leftoversOf(ours).leftovers.some(isThere),
    objects: ours
      .filter((part) => part.whose === 'ours' && part.kind !== 'v1/Pod' && isThere(part))
      .map(({ object }) => object),
  };
}

async function list(
  cluster: Cluster,
  { namespace, instance, markedOnly = false }: SurveyPlace,
  { kind, labelSelector, fieldSelector }: Place,
  signal: AbortSignal | undefined,
): Promise<readonly KubeObject[]> {
  const labels = [labelSelector, markedOnly ? `${instanceLabel}=${instance}` : undefined].filter(Boolean).join(',');
  const { items } = await cluster.list(kind, {
    namespace,
    // How a Job goes stands in its status.
    metadataOnly: kind !== 'batch/v1/Job',
    ...(labels !== '' && { labelSelector: labels }),
    ...(fieldSelector !== undefined && { fieldSelector }),
    signal,
  });
  return items;
}

interface Named {
  readonly name: string;
  readonly part: Part;
}

function partsOf(
  { namespace, instance }: SurveyPlace,
  { kind, names, read }: Place,
  objects: readonly KubeObject[],
): readonly Named[] {
  return objects.flatMap((object) => {
    const kept = kind === 'v1/Secret' ? bare(object) : object;
    return [...new Set(names(object))].flatMap((name) => {
      const part = name === undefined ? undefined : read({ namespace, instance, name }, kept);
      return name === undefined || part === undefined ? [] : [{ name, part }];
    });
  });
}
