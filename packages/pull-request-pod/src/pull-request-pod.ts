import type { Diagnosis } from '@ephemera/kube';
import type { Condition } from '@ephemera/model';

/** What to build from, where the job brings code: shallow-cloned by the job, built by buildx, pushed if asked. */
export interface RepositoryBuild {
  /** `https://…`, without credentials; REPO_URL in the job. */
  readonly url: string;
  /** The branch, as data: whatever Git takes for one; PR_BRANCH. */
  readonly branch: string;
  /** PR_NUMBER. */
  readonly pullRequest: number;
  /** What the image is called, with its registry and tag; IMAGE_NAME. */
  readonly imageName: string;
  /** Path within the repository. Default `Dockerfile`. A missing one is a failure. */
  readonly dockerfile?: string | undefined;
  /** Whether the image is pushed. Default false: it stays in the builder's cache, which goes with the builder. */
  readonly push?: boolean | undefined;
  /** Read access to a private repository. It reaches the job as a mounted file, and nothing else. */
  readonly token?: string | undefined;
  /** A Docker config.json with credentials of the registry, as text. Mounted as a file. */
  readonly dockerConfigJson?: string | undefined;
}

/** The rights of a job's account: the documented ones with those that buildx lacks there, or only what buildx uses. */
export type RoleProfile = 'seed' | 'minimal';

/** Quantities of Kubernetes. */
export interface BuilderLimits {
  /** Default `2`. */
  readonly cpu?: string | undefined;
  /** Default `4Gi`. */
  readonly memory?: string | undefined;
}

export interface PullRequestPodOptions {
  /** A DNS label of at most 42 characters, which leaves room for `pr-job-` and the time. */
  readonly name: string;
  /** Default `default`. */
  readonly namespace?: string | undefined;
  /** Default `docker:24-dind`. */
  readonly image?: string | undefined;
  /** A context's name or the NAME of a KUBECONFIG_<NAME>. Default: see `findNamedCluster`. */
  readonly clusterName?: string | undefined;
  /** Default `seed`; `minimal` with a repository. */
  readonly profile?: RoleProfile | undefined;
  readonly repository?: RepositoryBuild | undefined;
  /** The same key gives the same job back while it exists, also when both ask at once. Default: every call makes a job. */
  readonly idempotencyKey?: string | undefined;
  /** Default 1800. */
  readonly activeDeadlineSeconds?: number | undefined;
  /** Default `rootless`. `privileged` builders need a namespace with the label `ephemera.dev/privileged-builders=true`. */
  readonly builder?: 'rootless' | 'privileged' | undefined;
  /** The most that the builder gets; a build that needs more memory is ended. */
  readonly builderLimits?: BuilderLimits | undefined;
}

export interface PullRequestPodResult {
  readonly jobName: string;
  readonly serviceAccountName: string;
  readonly namespace: string;
  /** False: the idempotency key has made it before. */
  readonly created: boolean;
  readonly profile: RoleProfile;
  /** What the caller should know, such as that nothing limits what the account may create there. */
  readonly warnings: readonly string[];
}

export interface BuildxServiceAccount {
  readonly serviceAccountName: string;
  readonly roleName: string;
  readonly roleBindingName: string;
  readonly namespace: string;
  /** Of all three together. False: they were there, and are as they should be now. */
  readonly created: boolean;
}

export interface PullRequestPodStatus {
  readonly jobName: string;
  readonly namespace: string;
  /** `pr-name` of the job. */
  readonly name: string;
  readonly status: 'Pending' | 'Running' | 'Suspended' | 'Complete' | 'Failed';
  readonly succeeded: number;
  readonly failed: number;
  readonly active: number;
  readonly conditions: readonly Condition[];
  readonly startTime?: string | undefined;
  readonly completionTime?: string | undefined;
  /** Why it has failed, or why its pod does not start. */
  readonly diagnosis?: Diagnosis | undefined;
}

export interface PullRequestPodCleanup {
  /** `kind/namespace/name` of what was there and is gone, proven by a last look. */
  readonly removed: readonly string[];
  /** What looks like it and is somebody else's. */
  readonly kept: readonly { readonly object: string; readonly because: string }[];
}
