import { z } from 'zod';

const largestId = 999_999_999_999_999;
const text = (longest: number) => z.string().min(1).max(longest);

const repository = z
  .strictObject({
    url: text(2048).describe('`https://…`, without credentials.'),
    branch: text(1024),
    pullRequest: z.int().positive(),
    imageName: text(512).describe('What the image is called, with its registry and tag.'),
    dockerfile: text(1024).optional().describe('Path in the repository. Default `Dockerfile`.'),
    push: z.boolean().optional().describe('Whether the image is pushed. Default false.'),
    token: text(4096)
      .optional()
      .describe('Read access to a private repository. Reaches the job as a mounted file only.'),
    dockerConfigJson: text(32_768)
      .optional()
      .describe('A Docker config.json with credentials of the registry, as text.'),
  })
  .describe('What to build. Needs the profile `minimal`, which is the default with it.');

/** Of a create alone. */
const onlyCreate = ['image', 'profile', 'repository', 'repositoryId'] as const;

/**
 * One body for all actions, as the documented calls have it; which fields belong to which is checked at the end. The forms of names,
 * images and branches are checked by the package that makes the objects.
 */
export const prJobBody = z
  .strictObject({
    action: z.enum(['create', 'status', 'cleanup'], { error: 'must be create, status or cleanup' }).default('create'),
    name: z
      .string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a text') })
      .describe('Of the pull request’s jobs: a DNS label of at most 42 characters.'),
    namespace: z.string().optional().describe('Default `default`.'),
    image: text(512).optional().describe('Default `docker:24-dind`.'),
    clusterName: text(253)
      .optional()
      .describe('A context, or the NAME of a KUBECONFIG_<NAME>. Default: the cluster of the server.'),
    jobName: z.string().optional().describe('Which Job; for `status`, and needed there.'),
    profile: z
      .enum(['seed', 'minimal'])
      .optional()
      .describe('Rights of the job’s account. Default: PR_JOBS_PROFILE, and `minimal` with a repository.'),
    repository: repository.optional(),
    repositoryId: z
      .int()
      .min(1)
      .max(largestId)
      .optional()
      .describe('GitHub’s id of the repository that the job belongs to. Needed where the token is for several.'),
  })
  .superRefine((body, context) => {
    const { action, jobName } = body;
    if (action === 'status' && jobName === undefined)
      context.addIssue({ code: 'custom', path: ['jobName'], message: 'is missing: the status is that of one Job' });
    if (action !== 'status' && jobName !== undefined)
      context.addIssue({ code: 'custom', path: ['jobName'], message: `is for status only; ${action} takes the name` });
    if (action === 'create') return;
    for (const field of onlyCreate.filter((one) => body[one] !== undefined))
      context.addIssue({ code: 'custom', path: [field], message: `is for create only, and the action is ${action}` });
  });

export type PrJobBody = z.infer<typeof prJobBody>;

export const prJobHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable characters')
    .optional()
    .describe('For create: the same key and request give the same job back for 24 hours, also when both come at once.'),
});

const place = {
  namespace: z.string().optional().describe('Default `default`.'),
  clusterName: text(253).optional().describe('As for create.'),
};

export const logsQuery = z.strictObject({
  name: z.string().optional().describe('The `name` of the job. Default: what its Job’s name says.'),
  ...place,
  follow: z.enum(['true', 'false']).default('false').describe('true: as Server-Sent Events, until the job ends.'),
  tail: z
    .string()
    .regex(/^(0|[1-9]\d{0,5})$/, 'must be a number of lines, at most 999999')
    .optional()
    .describe('Only the last so many lines of each pod.'),
});

export const logsParams = z.object({ jobName: z.string() });
export const logsHeaders = z.looseObject({
  'last-event-id': z.string().optional().describe('The id of the last line that was read: following goes on after it.'),
});

export const eventsQuery = z.strictObject({
  name: z.string().describe('The `name` of the jobs.'),
  namespace: place.namespace,
  before: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'must be the id of an event')
    .optional()
    .describe('Only events before this one: the id of the last one of the page before.'),
});
