import { z } from 'zod';

/** What `PUT /_control/faults` takes. */

const longestDelayMs = 600_000;

const match = z
  .strictObject({
    method: z.enum(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']).optional(),
    path: z
      .string()
      .regex(/^\//, 'must begin with a slash, or be "/**" for every path')
      .max(500, 'must have at most 500 characters')
      .optional(),
    event: z
      .string()
      .regex(/^[a-z_]+(\.[a-z_]+)?$/, 'must be an event, or event.action, as in pull_request.closed')
      .optional(),
  })
  .refine(({ method, path, event }) => (event !== undefined) !== (method !== undefined || path !== undefined), {
    message: 'must have either event, for deliveries, or method or path, for requests',
  });

const effects = z
  .strictObject({
    delayMs: z.int().min(0).max(longestDelayMs).optional(),
    status: z.int().min(200).max(599).optional(),
    headers: z
      .record(
        z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be the name of a header'),
        z.string().regex(/^[\t\x20-\x7e]*$/, 'must be printable ASCII'),
      )
      .optional(),
    body: z.json().optional(),
    reset: z.literal(true).optional(),
    drop: z.literal(true).optional(),
    duplicate: z.int().min(1).max(1000).optional(),
    reorder: z.literal(true).optional(),
  })
  .refine((fault) => Object.values(fault).some((value) => value !== undefined), { message: 'must say what happens' });

const requestEffects = ['delayMs', 'status', 'headers', 'body', 'reset', 'drop'];
const deliveryEffects = ['delayMs', 'drop', 'duplicate', 'reorder'];
/** Of these a fault has one: each says how the exchange ends. */
const endings = ['status', 'reset', 'drop', 'duplicate', 'reorder'] as const;

const oneFault = z
  .strictObject({ match, fault: effects, times: z.int().min(1).optional() })
  .superRefine(({ match: { event }, fault }, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: ['fault', path], message });
    const allowed = event === undefined ? requestEffects : deliveryEffects;
    const what = event === undefined ? 'a request' : 'a delivery';
    for (const name of Object.keys(fault)) {
      if (!allowed.includes(name)) refuse(name, `is nothing that happens to ${what}; that has ${allowed.join(', ')}`);
    }
    const [first, second] = endings.filter((name) => fault[name] !== undefined);
    if (second !== undefined) refuse(second, `cannot go with ${first}`);
    for (const name of ['headers', 'body'] as const) {
      if (fault[name] !== undefined && fault.status === undefined) refuse(name, 'needs a status');
    }
  });

export const faultsInput = z.array(oneFault).max(1000);
export type FaultInput = z.infer<typeof oneFault>;
export type Effects = z.infer<typeof effects>;
