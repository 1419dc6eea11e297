import type { PullRequest } from './pull-request.ts';

export interface AppSettings {
  readonly apiUrl: string;
  readonly appId: string;
  readonly privateKeyPath: string;
  /** For one request, its answer included. Default 15,000. */
  readonly timeoutMs?: number;
}

/** One repository as seen by one installation of the App. */
export interface RepositoryRef {
  readonly installationId: number;
  /** `owner/name` */
  readonly fullName: string;
}

export interface CommitStatus {
  readonly sha: string;
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure';
  /** Cut to GitHub's 140 characters. */
  readonly description: string;
  readonly targetUrl?: string | undefined;
}

export interface StickyComment {
  readonly number: number;
  /** Where it was last time, if known. */
  readonly id?: number | undefined;
  /** Invisible text that is part of `body`, by which the comment is found again. */
  readonly marker: string;
  readonly body: string;
  /** Default false. True: the comment at `id` has this body already, so it is only written if somebody deleted it. */
  readonly unchanged?: boolean | undefined;
}

export interface CheckRun {
  /** What it was last time, if known. */
  readonly id?: number | undefined;
  readonly name: string;
  readonly sha: string;
  /** By this a check run is found again whose id was lost. */
  readonly externalId: string;
  readonly status: 'in_progress' | 'completed';
  /** Present exactly when the status is `completed`. */
  readonly conclusion?: 'success' | 'failure' | 'neutral' | undefined;
  readonly title: string;
  /** Markdown, at most 65,535 characters. */
  readonly summary: string;
  readonly detailsUrl?: string | undefined;
}

/** An open pull request as a list shows it. */
export interface OpenPull {
  readonly number: number;
  readonly headSha: string;
  readonly title: string;
  readonly draft: boolean;
  /** Null: the account is gone. */
  readonly authorId: number | null;
}

/** One account that the App is installed on. */
export interface Installation {
  readonly id: number;
  /** Login of the user or organization, or slug of the enterprise. */
  readonly account: string;
  readonly suspended: boolean;
  /** As granted there, for example `{ "checks": "write" }`. */
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
}

export interface RepositoryName {
  readonly id: number;
  /** `owner/name`, as it is called now. */
  readonly fullName: string;
}

export interface App {
  readonly id: number;
  readonly slug: string;
  /** As the App asks for them. What an installation has granted may be less. */
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  readonly installationsCount: number | undefined;
}

/** One attempt of GitHub's to bring a webhook. */
export interface HookDelivery {
  /** In digits: GitHub's ids of deliveries are beyond what a number holds exactly. */
  readonly id: string;
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly deliveredAt: Date;
  /** 0 when nobody answered. */
  readonly statusCode: number;
  readonly status: string;
}

/** What Ephemera needs of GitHub. Every method throws typed errors of `errors.ts`; lists are complete or throw. */
export interface GitHub {
  /** What GitHub says now. "Not found" is an error too: it may be a missing right as well as a missing pull request. */
  pullRequest(repository: RepositoryRef, number: number, signal?: AbortSignal): Promise<PullRequest>;
  /**
   * All open pull requests, oldest first. Pages that did not change since the last call cost nothing of GitHub's hourly budget.
   * One that closes between two pages can hide another, so what is missing here is a reason to ask for it, not proof of its end.
   */
  openPullRequests(repository: RepositoryRef, signal?: AbortSignal): Promise<readonly OpenPull[]>;
  setCommitStatus(repository: RepositoryRef, status: CommitStatus, signal?: AbortSignal): Promise<void>;
  /** Edits the one comment or makes it; returns its id. */
  stickyComment(repository: RepositoryRef, comment: StickyComment, signal?: AbortSignal): Promise<number>;
  /** Updates the check run, finds ours on that commit by its external id, or makes it; returns its id. */
  checkRun(repository: RepositoryRef, run: CheckRun, signal?: AbortSignal): Promise<number>;
  /**
   * Where a repository is now, also after it was renamed. Undefined only if GitHub says 404 for it to this installation; that there is
   * no such installation is an error.
   */
  repository(repository: RepositoryRef, signal?: AbortSignal): Promise<RepositoryName | undefined>;
  /** Everything that one installation may see. */
  repositories(installationId: number, signal?: AbortSignal): Promise<readonly RepositoryName[]>;
  installations(signal?: AbortSignal): Promise<readonly Installation[]>;
  /** Undefined only if GitHub says 404: the App is not installed there any more. */
  installation(id: number, signal?: AbortSignal): Promise<Installation | undefined>;
  /**
   * The installation that covers the repository of this name (`owner/name`), also one that the repository had before. Undefined only if
   * GitHub says 404: the App is not installed there, or there is no such repository.
   */
  installationOn(fullName: string, signal?: AbortSignal): Promise<Installation | undefined>;
  app(signal?: AbortSignal): Promise<App>;
  /** Where the App's webhooks go. */
  hook(signal?: AbortSignal): Promise<{ readonly url: string | undefined }>;
  /** The newest deliveries of the App's webhook, newest first, at most 100. */
  hookDeliveries(signal?: AbortSignal): Promise<readonly HookDelivery[]>;
}
