import type { Connection } from './connection.ts';
import { call } from './request.ts';

/** One right, in the whole cluster or in one namespace. `*` stands for all. */
export interface Right {
  readonly verb: string;
  /** API group; empty for the core. */
  readonly group: string;
  /** Plural, for example `namespaces`; a subresource after a slash, `pods/exec`. */
  readonly resource: string;
  /** Default: every namespace, and what is in none. */
  readonly namespace?: string;
  /** Default: every object of the resource. */
  readonly name?: string;
}

/** Somebody else, as the API server knows them. */
export interface Subject {
  /** For example `system:serviceaccount:default:ci-fixer-app`. */
  readonly user: string;
  /**
   * Whose rights they also have. Default, for a service account: the groups that every token of it carries
   * (`system:serviceaccounts`, `system:serviceaccounts:NAMESPACE`, `system:authenticated`); for others none.
   */
  readonly groups?: readonly string[];
}

/** What the API server says of one right. */
export interface Judgement {
  readonly allowed: boolean;
  /** In its own words, such as which binding gives the right. Not every authorizer says. */
  readonly reason?: string;
}

/** Whether the account that we are has this right, as the API server itself judges. */
export async function mayI(connection: Connection, right: Right, signal?: AbortSignal): Promise<boolean> {
  return (await review(connection, 'SelfSubjectAccessReview', { right, signal })).allowed;
}

/** The same about somebody else, with the reason. That account need not exist: one without rights has none. Throws `kube.forbidden`. */
export async function judge(
  connection: Connection,
  subject: Subject,
  right: Right,
  signal?: AbortSignal,
): Promise<Judgement> {
  const { user, groups = groupsOf(user) } = subject;
  return review(connection, 'SubjectAccessReview', { subject: { user, groups }, right, signal });
}

/** `judge` without the reason. */
export async function may(
  connection: Connection,
  subject: Subject,
  right: Right,
  signal?: AbortSignal,
): Promise<boolean> {
  return (await judge(connection, subject, right, signal)).allowed;
}

interface Question {
  readonly subject?: Subject;
  readonly right: Right;
  readonly signal: AbortSignal | undefined;
}

async function review(connection: Connection, kind: string, { subject, right, signal }: Question): Promise<Judgement> {
  const { verb, group, resource: full, namespace, name } = right;
  const [resource = '', subresource] = full.split('/');
  const whose = subject === undefined ? '' : ` of ${subject.user}`;
  const answer = await call<{ status?: { allowed?: boolean; reason?: string } }>(connection, {
    // A review is a question in the form of a creation: it leaves nothing and can be repeated.
    method: 'POST',
    path: `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`,
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind,
      spec: { ...subject, resourceAttributes: { verb, group, resource, subresource, namespace, name } },
    },
    what: `Asking for the right${whose} to ${verb} ${full}`,
    signal,
  });
  const { allowed, reason } = answer.status ?? {};
  return { allowed: allowed === true, ...(reason === undefined ? {} : { reason }) };
}

/** The API server asks about exactly the groups that it is given: without these, a right given to all accounts would be missed. */
function groupsOf(user: string): readonly string[] {
  const namespace = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user)?.[1];
  if (namespace === undefined) return [];
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
}
