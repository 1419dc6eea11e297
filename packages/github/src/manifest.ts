import { z } from 'zod';
import { checked } from './answer.ts';
import { githubError, requestTo } from './request.ts';

/** A GitHub App that was just made from a manifest, with everything that is told only once. */
export interface ConvertedApp {
  readonly id: number;
  readonly slug: string;
  /** The private key. */
  readonly pem: string;
  readonly webhookSecret: string;
  /** The App's page, from where it is installed. */
  readonly htmlUrl: string;
}

const schema = z
  .object({
    id: z.int(),
    slug: z.string(),
    pem: z.string().includes('PRIVATE KEY'),
    webhook_secret: z.string().min(1),
    html_url: z.url({ protocol: /^https?$/ }),
  })
  .transform(({ webhook_secret: webhookSecret, html_url: htmlUrl, ...app }): ConvertedApp => ({
    ...app,
    webhookSecret,
    htmlUrl,
  }));

const what = 'exchanging the code of the new App';

/** The last step of the manifest flow: the code, which GitHub takes once and for an hour, becomes the App's credentials. */
export async function convertManifest(apiUrl: string, code: string, signal?: AbortSignal): Promise<ConvertedApp> {
  let data: unknown;
  try {
    const answer = await requestTo(apiUrl)('POST /app-manifests/{code}/conversions', {
      code,
      request: signal ? { signal } : {},
    });
    data = answer.data;
  } catch (thrown) {
    signal?.throwIfAborted();
    const error = githubError(what, thrown, new Date());
    // It holds the address that was asked, and that the code, which may still be good.
    error.cause = undefined;
    throw error;
  }
  return checked(what, schema, data);
}
