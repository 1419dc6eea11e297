import type { EnvironmentStatus } from '@ephemera/model';
import { html, type Html } from '../html.ts';
import { page } from '../page.ts';
import type { Environment } from '../store/schema.ts';

export interface PageAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Face {
  readonly http: number;
  readonly tone: 'good' | 'bad' | 'wait' | 'off';
  readonly heading: string;
  readonly text: string;
}

/** While it is being prepared the page asks for itself again. */
const refreshSeconds = 2;

const faces: Record<EnvironmentStatus, Face> = {
  pending: {
    http: 503,
    tone: 'wait',
    heading: 'This environment is being prepared',
    text: 'The page reloads by itself.',
  },
  provisioning: {
    http: 503,
    tone: 'wait',
    heading: 'This environment is being prepared',
    text: 'The page reloads by itself.',
  },
  updating: {
    http: 503,
    tone: 'wait',
    heading: 'This environment is being updated',
    text: 'A new commit has arrived. The page reloads by itself.',
  },
  ready: {
    http: 200,
    tone: 'good',
    heading: 'This environment is ready',
    text: 'Its namespace, quota and guard rails are in place. No application runs here yet.',
  },
  failed: {
    http: 503,
    tone: 'bad',
    heading: 'This environment failed',
    text: 'The pull request says what happened and what to do.',
  },
  destroying: {
    http: 410,
    tone: 'off',
    heading: 'This environment is being removed',
    text: 'Its pull request is closed.',
  },
  destroyed: {
    http: 410,
    tone: 'off',
    heading: 'This environment is gone',
    text: 'Its pull request is closed. Reopening it makes a new one.',
  },
};

/** What the host of an environment answers with. Pure. */
export function environmentPage(environment: Environment): PageAnswer {
  const { status, repositoryFullName, prNumber, prTitle, branchName, commitSha, namespace } = environment;
  const face = faces[status];
  const waiting = face.tone === 'wait';
  const body = html` <span class="badge ${face.tone}">${status}</span>
    <h1>${face.heading}</h1>
    <p>${face.text}</p>
    <dl>
      ${row('Pull request', html`${repositoryFullName} #${prNumber}`)}
      ${prTitle === null ? html`` : row('Title', html`${prTitle}`)} ${row('Branch', html`<code>${branchName}</code>`)}
      ${row('Commit', html`<code>${commitSha.slice(0, 7)}</code>`)} ${row('Namespace', html`<code>${namespace}</code>`)}
    </dl>
    <footer>Ephemera</footer>`;
  return {
    status: face.http,
    body: page({ title: `#${prNumber} · ${status}`, body, ...(waiting ? { refreshSeconds } : {}) }),
    headers: { 'x-ephemera-commit': commitSha, ...(waiting ? { 'retry-after': String(refreshSeconds) } : {}) },
  };
}

export function unknownHostPage(): PageAnswer {
  const body = html` <span class="badge off">unknown</span>
    <h1>Nothing answers at this address</h1>
    <p>No pull request has an environment of this name. The link in the pull request’s comment is the right one.</p>
    <footer>Ephemera</footer>`;
  return { status: 404, body: page({ title: 'Unknown environment', body }), headers: {} };
}

function row(name: string, value: Html): Html {
  return html`<dt>${name}</dt>
    <dd>${value}</dd>`;
}
