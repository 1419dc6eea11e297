import { z } from 'zod';
import { levelsOf } from '../openapi/permissions.ts';

/** An App's manifest, with the rules by which GitHub refuses one. */

const address = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });

const fields = z.strictObject({
  name: z.string().trim().min(1, 'must not be empty').max(34, 'must have at most 34 characters').optional(),
  url: address,
  hook_attributes: z.strictObject({ url: address, active: z.boolean().optional() }).optional(),
  redirect_url: address,
  callback_urls: z.array(address).max(10).optional(),
  setup_url: address.optional(),
  description: z.string().optional(),
  public: z.boolean().optional(),
  default_events: z.array(z.string()).optional(),
  default_permissions: z.record(z.string(), z.string()).optional(),
  request_oauth_on_install: z.boolean().optional(),
  setup_on_update: z.boolean().optional(),
});

export const manifestInput = fields.superRefine((manifest, context) => {
  const granted = manifest.default_permissions ?? {};
  for (const [name, level] of Object.entries(granted)) {
    const levels = levelsOf(name);
    const path = ['default_permissions', name];
    if (levels === undefined) context.addIssue({ code: 'custom', path, message: 'is not a permission' });
    else if (!levels.includes(level)) {
      context.addIssue({ code: 'custom', path, message: `must be one of ${levels.join(', ')}` });
    }
  }
  for (const [index, event] of (manifest.default_events ?? []).entries()) {
    const needs = needsOf.get(event);
    const path = ['default_events', index];
    if (needs === undefined)
      context.addIssue({ code: 'custom', path, message: `${event} is not an event of the fake` });
    else if (!needs.some((name) => name === 'metadata' || Object.hasOwn(granted, name))) {
      const message = `${event} is not supported by permissions: needs ${needs.join(' or ')}`;
      context.addIssue({ code: 'custom', path, message });
    }
  }
});

export type Manifest = z.infer<typeof manifestInput>;

/** Which right lets an App subscribe to an event: of the events that GitHub has, those of an App's daily work. */
const needsOf: ReadonlyMap<string, readonly string[]> = new Map([
  ['check_run', ['checks']],
  ['check_suite', ['checks']],
  ['issue_comment', ['issues', 'pull_requests']],
  ['issues', ['issues']],
  ['pull_request', ['pull_requests']],
  ['pull_request_review', ['pull_requests']],
  ['push', ['contents']],
  ['repository', ['metadata']],
  ['status', ['statuses']],
]);
