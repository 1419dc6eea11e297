import type { App, GitHub, HookDelivery, Installation } from '@ephemera/github';
import { missingPermissions, neededEvents, placeholderUrl, surplusPermissions, webhookPath } from '../github-app.ts';
import type { Verdict } from './check.ts';

export async function checkApp(github: GitHub, signal: AbortSignal): Promise<Verdict> {
  return judgeApp(await github.app(signal));
}

/** Pure. */
export function judgeApp({ id, slug, permissions, events }: App): Verdict {
  const missing = missingPermissions(permissions);
  const silent = neededEvents.filter((event) => !events.includes(event));
  const name = `GitHub answers App ${slug} (${id})`;
  if (missing.length + silent.length > 0) {
    const problems = [
      ...missing.map((permission) => `it lacks the permission ${permission}`),
      ...silent.map((event) => `it does not subscribe to ${event}`),
    ];
    return {
      ok: false,
      detail: `${name}; ${problems.join('; ')}`,
      hint: 'Change it on the App’s page under “Permissions & events”, then accept it for each installation.',
    };
  }
  const surplus = surplusPermissions(permissions);
  const detail = `${name} with ${listed(permissions)}; events ${events.join(', ')}`;
  if (surplus.length === 0) return { ok: true, detail };
  return { ok: null, detail, hint: `Ephemera has no use for ${surplus.join(', ')}: take it away from the App.` };
}

export async function checkInstallations(github: GitHub, signal: AbortSignal): Promise<Verdict> {
  return judgeInstallations(await github.installations(signal));
}

/** Pure. */
export function judgeInstallations(installations: readonly Installation[]): Verdict {
  if (installations.length === 0) {
    return {
      ok: null,
      detail: 'the App is installed nowhere',
      hint: 'Install it, from its page, on the repositories that shall have environments.',
    };
  }
  const lacking = installations
    .map(({ account, permissions }) => ({ account, missing: missingPermissions(permissions) }))
    .filter(({ missing }) => missing.length > 0);
  const suspended = installations.filter((installation) => installation.suspended).map(({ account }) => account);
  const detail = [
    `installed on ${installations.map(({ account }) => account).join(', ')}`,
    ...lacking.map(({ account, missing }) => `${account} has not granted ${missing.join(', ')}`),
    ...(suspended.length === 0 ? [] : [`suspended: ${suspended.join(', ')}`]),
  ].join('; ');
  if (lacking.length > 0) {
    return {
      ok: false,
      detail,
      hint: 'An owner of the account has to accept the App’s new permissions in its installation settings.',
    };
  }
  if (suspended.length === 0) return { ok: true, detail };
  return { ok: null, detail, hint: 'Nothing happens there until an owner of the account unsuspends the installation.' };
}

export async function checkWebhook(github: GitHub, baseDomain: string, signal: AbortSignal): Promise<Verdict> {
  const [{ url }, deliveries] = await Promise.all([github.hook(signal), github.hookDeliveries(signal)]);
  return judgeWebhook({ url, deliveries, baseDomain });
}

interface Webhook {
  readonly url: string | undefined;
  /** Newest first. */
  readonly deliveries: readonly HookDelivery[];
  readonly baseDomain: string;
}

/** Whether deliveries reach a server, by what GitHub saw of the newest ones. Pure. */
export function judgeWebhook({ url, deliveries, baseDomain }: Webhook): Verdict {
  if (url === undefined) {
    return {
      ok: false,
      detail: 'the App has no webhook address',
      hint: `Set it on the App’s page: https://YOUR-ADDRESS${webhookPath}`,
    };
  }
  const { pathname, hostname, origin } = new URL(url);
  if (origin === placeholderUrl) {
    return {
      ok: false,
      detail: `the App has no webhook address yet, only the ${origin} of \`setup github\` without --url`,
      hint: `Give the App its address on its page, https://YOUR-ADDRESS${webhookPath}, and make the webhook active.`,
    };
  }
  if (hostname.endsWith(`.${baseDomain}`)) {
    return {
      ok: false,
      detail: `webhooks go to ${url}, below BASE_DOMAIN, where hosts belong to environments`,
      hint: `Give the server a host that is not below ${baseDomain}.`,
    };
  }
  if (pathname.replace(/\/$/, '') !== webhookPath) {
    return {
      ok: null,
      detail: `webhooks go to ${url}, while the server takes them at ${webhookPath}`,
      hint: 'Right only if a proxy in between changes the path; else change the address on the App’s page.',
    };
  }
  const [newest] = deliveries;
  if (!newest) {
    return {
      ok: null,
      detail: `webhooks go to ${url}; GitHub has delivered none yet`,
      hint: 'Redeliver the ping on the App’s page under Advanced, or open a pull request, and ask again.',
    };
  }
  const failed = deliveries.filter(({ statusCode }) => !arrived(statusCode)).length;
  const counted = `${deliveries.length - failed} of the newest ${deliveries.length} deliveries arrived`;
  const last = `the last one (${newest.event}, ${newest.deliveredAt.toISOString()})`;
  if (arrived(newest.statusCode)) return { ok: true, detail: `webhooks go to ${url}; ${counted}, ${last} as well` };
  return {
    ok: false,
    detail: `webhooks go to ${url}; ${last} ended with ${newest.statusCode === 0 ? newest.status : newest.statusCode}; ${counted}`,
    hint: hintFor(newest.statusCode),
  };
}

const arrived = (status: number): boolean => status >= 200 && status < 300;

function hintFor(status: number): string {
  if (status === 401) return 'The secrets differ: set GITHUB_WEBHOOK_SECRET to the one of the App.';
  if (status === 415) return 'Set the content type of the webhook to application/json.';
  if (status >= 500)
    return 'The server or the proxy before it was in trouble: see its log, then redeliver on the App’s page.';
  if (status === 0)
    return 'Nobody answers at that address: check DNS, firewall, tunnel and proxy, then redeliver on the App’s page.';
  return 'Something between GitHub and the server refuses it: let POST requests through with all headers and the body unchanged.';
}

function listed(permissions: Readonly<Record<string, string>>): string {
  return Object.entries(permissions)
    .map(([name, level]) => `${name}: ${level}`)
    .join(', ');
}
