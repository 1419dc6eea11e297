import type { KeyObject } from 'node:crypto';

/** What the fake remembers. Only plain values: how GitHub shows them is in resources/, how they change in actions/. */

export interface World {
  readonly app: App;
  readonly now: () => Date;
  /** Where the fake listens, known once it does. */
  readonly origin: () => string;
  readonly nextId: () => number;
  readonly newSha: () => string;
  /** By login, lower case: GitHub's names differ by more than their case. */
  readonly users: Map<string, User>;
  /** By full name, lower case. */
  readonly repositories: Map<string, Repository>;
  readonly repositoriesById: Map<number, Repository>;
  /** Names that repositories had before, lower case. A repository that has the name now comes first. */
  readonly formerNames: Map<string, Repository>;
  /** By the owner's login, lower case: an App is installed once per account. Null where it was removed. */
  readonly installations: Map<string, Installation | null>;
  readonly tokens: Map<string, Token>;
  readonly commits: Map<string, Commit>;
}

/** The App that this GitHub knows. The manifest flow makes another one of it, in place. */
export interface App {
  id: number;
  slug: string;
  name: string;
  createdAt: Date;
  clientId: string;
  externalUrl: string | undefined;
  owner: User;
  /** What it asks for. What an account granted stands in its installation. */
  permissions: Permissions;
  /** Webhook events that it subscribed to. Those about the installation itself come unasked. */
  events: readonly string[];
  /** Checks its JWTs. */
  publicKey: KeyObject;
}

/** Name of a right to its level, `read` or `write`. */
export type Permissions = Readonly<Record<string, string>>;

export interface User {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Bot';
}

export interface Repository {
  readonly id: number;
  owner: User;
  name: string;
  fullName: string;
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
  updatedAt: Date;
  suspendedAt: Date | undefined;
  permissions: Permissions;
}

export interface Token {
  readonly installation: Installation;
  readonly expiresAt: Date;
  /** Undefined: all that the installation has at the moment. */
  readonly permissions: Permissions | undefined;
  /** Undefined: all repositories of the installation. */
  readonly repositories: ReadonlySet<number> | undefined;
}
