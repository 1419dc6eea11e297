import { createAppAuth } from '@octokit/auth-app';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf } from '@ephemera/model';
import { commentTool } from './comment.ts';
import { GitHubInvalid, PrivateKeyInvalid } from './errors.ts';
import { pullRequestSchema, type PullRequest } from './pull-request.ts';
import { githubError, requestTo } from './request.ts';

export interface AppSettings {
  readonly apiUrl: string;
  readonly appId: string;
  readonly privateKeyPath: string;
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
}

/** What Ephemera needs of GitHub. Every method throws typed errors of `errors.ts`. */
export interface GitHub {
  /** What GitHub says now. "Not found" is an error too: it may be a missing right as well as a missing pull request. */
  pullRequest(repository: RepositoryRef, number: number, signal?: AbortSignal): Promise<PullRequest>;
  setCommitStatus(repository: RepositoryRef, status: CommitStatus, signal?: AbortSignal): Promise<void>;
  /** Edits the one comment or makes it; returns its id. */
  stickyComment(repository: RepositoryRef, comment: StickyComment, signal?: AbortSignal): Promise<number>;
}

/** A request function that carries the installation's token, and the names that every path needs. */
export interface RepositoryCall {
  readonly request: ReturnType<typeof requestTo>;
  readonly parameters: {
    readonly owner: string;
    readonly repo: string;
    readonly request: { readonly signal?: AbortSignal };
  };
}

/** What a cut may leave of a character of two code units. */
const halfCharacter = /[\uD800-\uDBFF]$/;

export function connectGitHub(settings: AppSettings): GitHub {
  const request = requestTo(settings.apiUrl);
  // Installation tokens live for an hour; auth-app keeps them and asks again shortly before the end.
  const auth = createAppAuth({ appId: settings.appId, privateKey: readPrivateKey(settings.privateKeyPath), request });
  const appId = Number(settings.appId);

  async function on<Result>(
    what: string,
    repository: RepositoryRef,
    signal: AbortSignal | undefined,
    run: (call: RepositoryCall) => Promise<Result>,
  ): Promise<Result> {
    const [owner = '', repo = ''] = repository.fullName.split('/');
    try {
      const { token } = await auth({ type: 'installation', installationId: repository.installationId });
      return await run({
        request: request.defaults({ headers: { authorization: `token ${token}` } }),
        parameters: { owner, repo, request: signal ? { signal } : {} },
      });
    } catch (thrown) {
      signal?.throwIfAborted();
      throw githubError(what, thrown, new Date());
    }
  }

  return {
    pullRequest: async (repository, number, signal) => {
      const what = `reading ${repository.fullName}#${number}`;
      const answer = await on(what, repository, signal, ({ request: call, parameters }) =>
        call('GET /repos/{owner}/{repo}/pulls/{pull_number}', { ...parameters, pull_number: number }),
      );
      const parsed = pullRequestSchema.safeParse(answer.data);
      if (!parsed.success)
        throw new GitHubInvalid({ what, reason: `its answer is not what the API promises (${parsed.error.message})` });
      return parsed.data;
    },
    setCommitStatus: async (repository, status, signal) => {
      await on(
        `setting the status of ${repository.fullName}@${status.sha.slice(0, 7)}`,
        repository,
        signal,
        ({ request: call, parameters }) =>
          call('POST /repos/{owner}/{repo}/statuses/{sha}', {
            ...parameters,
            sha: status.sha,
            state: status.state,
            context: status.context,
            description: status.description.slice(0, 140).replace(halfCharacter, ''),
            ...(status.targetUrl === undefined ? {} : { target_url: status.targetUrl }),
          }),
      );
    },
    stickyComment: (repository, comment, signal) =>
      on(`commenting on ${repository.fullName}#${comment.number}`, repository, signal, (call) =>
        commentTool(call, appId).write(comment),
      ),
  };
}

function readPrivateKey(path: string): string {
  try {
    const pem = readFileSync(path, 'utf8');
    createPrivateKey(pem);
    return pem;
  } catch (error) {
    throw new PrivateKeyInvalid({ path, problem: messageOf(error) }, { cause: error });
  }
}
