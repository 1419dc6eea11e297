/** What the fake remembers. Only plain values: how GitHub shows them is in resources/, how they change in actions/. */

export interface World {
  readonly app: { readonly id: number; readonly slug: string; readonly name: string; readonly createdAt: Date };
  readonly now: () => Date;
  /** Where the fake listens, known once it does. */
  readonly origin: () => string;
  readonly nextId: () => number;
  readonly newSha: () => string;
  /** By login, lower case: GitHub's names differ by more than their case. */
  readonly users: Map<string, User>;
  /** By full name, lower case. */
  readonly repositories: Map<string, Repository>;
  /** By the owner's login, lower case: an App is installed once per account. */
  readonly installations: Map<string, Installation>;
  readonly tokens: Map<string, Token>;
  readonly commits: Map<string, Commit>;
}

export interface User {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Bot';
}

export interface Repository {
  readonly id: number;
  readonly owner: User;
  readonly name: string;
  readonly fullName: string;
  readonly private: boolean;
  readonly defaultBranch: string;
  /** The repository that this one was forked from. A fork shares its commits, and the App is not installed on it. */
  readonly parent: Repository | undefined;
  readonly createdAt: Date;
  pushedAt: Date;
  /** Branch name to SHA. Names are data: they may hold anything. */
  readonly branches: Map<string, string>;
  readonly collaborators: Map<string, Permission>;
  readonly labels: Map<string, Label>;
  readonly pulls: Map<number, Pull>;
  readonly comments: Map<number, Comment>;
  readonly statuses: Status[];
  readonly checkRuns: Map<number, CheckRun>;
}

export type Permission = 'admin' | 'write' | 'read' | 'none';

export interface Commit {
  readonly sha: string;
  /** Id of the repository that is the root of the forks: all of them see the commit. */
  readonly network: number;
  readonly files: ReadonlyMap<string, string>;
}

export interface Label {
  readonly id: number;
  readonly name: string;
}

export interface Pull {
  readonly id: number;
  readonly number: number;
  readonly repository: Repository;
  readonly author: User;
  readonly association: 'OWNER' | 'COLLABORATOR' | 'NONE';
  readonly createdAt: Date;
  updatedAt: Date;
  closedAt: Date | undefined;
  merge: { readonly at: Date; readonly sha: string } | undefined;
  title: string;
  body: string | null;
  draft: boolean;
  labels: readonly Label[];
  readonly head: { readonly repository: Repository; readonly ref: string; sha: string };
  base: { readonly ref: string; readonly sha: string };
  state: 'open' | 'closed';
  /** Every head that it has had, oldest first. */
  readonly heads: string[];
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  readonly author: User;
  readonly createdAt: Date;
  updatedAt: Date;
  body: string;
}

export interface Status {
  readonly id: number;
  readonly sha: string;
  readonly context: string;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly createdAt: Date;
}

export interface CheckRun {
  readonly id: number;
  readonly suite: number;
  readonly sha: string;
  /** What clients wrote, in GitHub's own field names: later writes replace fields, output by output. */
  fields: Readonly<Record<string, unknown>>;
}

export interface Installation {
  readonly id: number;
  readonly account: User;
  readonly createdAt: Date;
}

export interface Token {
  readonly installation: Installation;
  readonly expiresAt: Date;
  readonly permissions: Readonly<Record<string, string>>;
  /** Undefined: all repositories of the installation. */
  readonly repositories: ReadonlySet<number> | undefined;
}
