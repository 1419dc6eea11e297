import type { RoleProfile } from '@ephemera/pull-request-pod';
import type { Settings } from '../settings.ts';
import type { Caller } from '../tokens/caller.ts';
import {
  ImageNotAllowed,
  NamespaceNotAllowed,
  ProfileNotAllowed,
  RepositoryNotAllowed,
  RepositoryUnclear,
  RepositoryUnknown,
} from './errors.ts';
import { matchesImage } from '../callers/image-pattern.ts';

/** What the server allows and decides, whoever asks. */
export interface PrJobPolicy {
  readonly namespaces: readonly string[];
  /** Patterns, `*` standing for any text. */
  readonly images: readonly string[];
  /** What callers get who name none, and the most that any gets. */
  readonly profile: RoleProfile;
  readonly builder: 'rootless' | 'privileged';
  readonly builderLimits: { readonly cpu: string; readonly memory: string };
  readonly deadlineSeconds: number;
  /** Creations and cleanups of one caller; ten times as many reads. */
  readonly perMinute: number;
}

export function policyOf(settings: Settings): PrJobPolicy {
  return {
    namespaces: settings.PR_JOBS_NAMESPACES,
    images: settings.PR_JOBS_IMAGES,
    profile: settings.PR_JOBS_PROFILE,
    builder: settings.PR_JOBS_BUILDER,
    builderLimits: { cpu: settings.PR_JOBS_BUILDER_CPU, memory: settings.PR_JOBS_BUILDER_MEMORY },
    deadlineSeconds: settings.PR_JOBS_DEADLINE_SECONDS,
    perMinute: settings.PR_JOBS_PER_MINUTE,
  };
}

/** Throws `pr_job.namespace_not_allowed`, which names those that are. Pure. */
export function demandNamespace(
  { namespaces }: Pick<PrJobPolicy, 'namespaces'>,
  caller: Pick<Caller, 'namespaces'>,
  namespace: string,
): void {
  const allowed = namespaces.filter((one) => caller.namespaces?.includes(one) ?? true);
  if (!allowed.includes(namespace)) throw new NamespaceNotAllowed({ namespace, allowed });
}

/** Throws `pr_job.image_not_allowed`, which names the patterns: the caller's own where it has any, as those narrow the server's. Pure. */
export function demandImage(
  { images }: Pick<PrJobPolicy, 'images'>,
  caller: Pick<Caller, 'images'>,
  image: string,
): void {
  const isIn = (patterns: readonly string[]) => patterns.some((pattern) => matchesImage(pattern, image));
  if (!isIn(images)) throw new ImageNotAllowed({ image, allowed: images });
  if (caller.images && !isIn(caller.images)) throw new ImageNotAllowed({ image, allowed: caller.images });
}

/** Throws `pr_job.profile_not_allowed` for more than the server gives: where it gives `minimal`, that is `seed`. Pure. */
export function demandProfile({ profile: most }: Pick<PrJobPolicy, 'profile'>, profile: RoleProfile): void {
  if (most === 'minimal' && profile !== 'minimal') throw new ProfileNotAllowed({ profile, allowed: [most] });
}

/**
 * The repository that a new job belongs to: the one whose workflow asks, the only one that the token is for, or the one that the body
 * names. Null: the caller is not narrowed, and named none. Throws `pr_job.repository_not_allowed`, `pr_job.repository_unknown` or
 * `pr_job.repository_unclear`. Pure.
 */
export function repositoryOf(
  { repository, repositoryIds, hasUnknownRepositories }: CallerRepositories,
  asked: number | undefined,
): number | null {
  const allowed = repository ? [repository.id] : repositoryIds;
  if (allowed === undefined) return asked ?? null;
  if (asked !== undefined) {
    if (!allowed.includes(asked)) throw new RepositoryNotAllowed({ repositoryId: asked, allowed });
    return asked;
  }
  const [only] = allowed;
  if (only === undefined) throw new RepositoryUnknown({});
  // The others are unknown for now only: by and by the same request would be unclear.
  if (allowed.length > 1 || hasUnknownRepositories === true) throw new RepositoryUnclear({ choices: allowed });
  return only;
}

type CallerRepositories = Pick<Caller, 'repository' | 'repositoryIds' | 'hasUnknownRepositories'>;

/** Whether a caller may see and change what has this name. Whoever is narrowed to repositories reaches only names of theirs. Pure. */
export function reachesName(
  { repositoryIds }: Pick<Caller, 'repositoryIds'>,
  name: { readonly repositoryId: number | null } | undefined,
): boolean {
  if (repositoryIds === undefined) return true;
  const repositoryId = name?.repositoryId ?? undefined;
  return repositoryId !== undefined && repositoryIds.includes(repositoryId);
}
