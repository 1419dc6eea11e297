import { neededEvents, neededPermissions, placeholderUrl, webhookPath } from '@ephemera/server/doctor';

export interface AppWish {
  readonly name: string;
  /** Where people and GitHub reach the server, without a path. Undefined: not known yet. */
  readonly publicUrl: string | undefined;
  /** Where GitHub sends the person back to. */
  readonly redirectUrl: string;
}

/** The App in GitHub's words, with the least that Ephemera works with. Pure. */
export function manifestOf({ name, publicUrl, redirectUrl }: AppWish): object {
  const base = publicUrl ?? placeholderUrl;
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

/** The page with the Apps of the person, or of the organization. Pure. */
export function appsPage(githubUrl: string, organization: string | undefined): string {
  return `${githubUrl}${organization === undefined ? '' : `/organizations/${organization}`}/settings/apps`;
}

/** Where GitHub takes the manifest. The state comes back with the answer. Pure. */
export function registrationUrl(githubUrl: string, organization: string | undefined, state: string): string {
  return `${appsPage(githubUrl, organization)}/new?state=${encodeURIComponent(state)}`;
}

/** GitHub's API that belongs to its pages: github.com has a host of its own for it, GitHub Enterprise a path. Pure. */
export function apiUrlOf(githubUrl: string): string {
  return new URL(githubUrl).hostname === 'github.com' ? 'https://api.github.com' : `${githubUrl}/api/v3`;
}
