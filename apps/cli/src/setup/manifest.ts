import { neededEvents, neededPermissions, webhookPath } from '@ephemera/server/doctor';

export interface AppWish {
  readonly name: string;
  /** Where people and GitHub reach the server, without a path. Undefined: not known yet. */
  readonly publicUrl: string | undefined;
  /** Where GitHub sends the person back to. */
  readonly redirectUrl: string;
}

/** An address that leads nowhere: GitHub wants one, and takes none of this machine. */
const placeholder = 'https://example.com';

/** The App in GitHub's words, with the least that Ephemera works with. Pure. */
export function manifestOf({ name, publicUrl, redirectUrl }: AppWish): object {
  const base = publicUrl ?? placeholder;
  return {
    name,
    url: base,
    // Without an address of ours GitHub sends nothing until somebody fills it in.
    hook_attributes: { url: `${base}${webhookPath}`, active: publicUrl !== undefined },
    redirect_url: redirectUrl,
    public: false,
    default_permissions: Object.fromEntries(
      Object.entries(neededPermissions).map(([right, { level }]) => [right, level]),
    ),
    default_events: [...neededEvents],
  };
}

/** Where GitHub takes the manifest. The state comes back with the answer. Pure. */
export function registrationUrl(githubUrl: string, organization: string | undefined, state: string): string {
  const path = organization === undefined ? '/settings/apps/new' : `/organizations/${organization}/settings/apps/new`;
  return `${githubUrl}${path}?state=${encodeURIComponent(state)}`;
}

/** GitHub's API that belongs to its pages: github.com has a host of its own for it, GitHub Enterprise a path. Pure. */
export function apiUrlOf(githubUrl: string): string {
  return new URL(githubUrl).hostname === 'github.com' ? 'https://api.github.com' : `${githubUrl}/api/v3`;
}
