import type { SandboxOptions } from '@ephemera/sandbox';
import { z } from 'zod';

const text = (longest: number) => z.string().min(1).max(longest);
const milliseconds = z.int().min(0);
const resources = z.strictObject({
  cpu: text(32).optional(),
  memory: text(32).optional(),
  ephemeral_storage: text(32).optional(),
});

/** The variables of a command or of all commands; the forms of names and values are checked where they are used. */
export const environmentBody = z.record(z.string().max(4096), z.string());

/** What a caller may say about a new sandbox. What it may not is decided by the server: accounts, nodes, secrets of images. */
export const createBody = z
  .strictObject({
    image: text(512).optional().describe('Any image. Default `nikolaik/python-nodejs:python3.11-nodejs20-bullseye`.'),
    name: text(63).optional().describe('One label of DNS; a token has one living sandbox of a name.'),
    env: environmentBody.optional().describe('Of all commands. It is in the sandbox’s memory only, and in no object.'),
    resources: z
      .strictObject({ limits: resources.optional(), requests: resources.optional() })
      .optional()
      .describe('Quantities such as `500m` and `1Gi`. Default 1000m, 2Gi, 4Gi, or what the server allows.'),
    timeout_ms: milliseconds.optional().describe('How long it lives. Default 30 minutes.'),
    idle_timeout_ms: milliseconds.optional().describe('It ends when it has not been used for so long.'),
    start_timeout_ms: milliseconds.optional().describe('When its start is given up. Default 3 minutes.'),
    disk: z.strictObject({ size: text(32).optional(), medium: z.enum(['disk', 'memory']).optional() }).optional(),
    user: z.int().min(0).optional().describe('The user id of all processes, not 0. Default 1000.'),
    read_only_root: z.boolean().optional().describe('Default true.'),
    network: z
      .strictObject({
        dns: z.boolean().optional(),
        allow: z
          .array(
            z.strictObject({
              cidr: text(64),
              except: z.array(text(64)).max(64).optional(),
              ports: z.array(z.int()).max(64).optional(),
            }),
          )
          .max(64)
          .optional(),
      })
      .optional()
      .describe(
        'By default it reaches nothing. Ranges have to lie in SANDBOXES_RANGES of the server, and dns needs SANDBOXES_DNS.',
      ),
    host_users: z.literal(false).optional().describe('In a user namespace of its own.'),
    arch: z.enum(['amd64', 'arm64']).optional(),
    metadata: z.record(z.string().max(253), z.string().max(4096)).optional(),
  })
  .nullable();

export type CreateBody = NonNullable<z.infer<typeof createBody>>;

/** What a caller wants, in the words of the package. */
export type SandboxOrder = Pick<
  SandboxOptions,
  | 'image'
  | 'name'
  | 'resources'
  | 'timeoutMs'
  | 'idleTimeoutMs'
  | 'startTimeoutMs'
  | 'disk'
  | 'user'
  | 'readOnlyRoot'
  | 'network'
  | 'hostUsers'
  | 'arch'
  | 'metadata'
>;

/** Without the environment, which no host is told. Pure. */
export function orderOf(body: CreateBody): SandboxOrder {
  const { resources: asked } = body;
  return present<SandboxOrder>({
    image: body.image,
    name: body.name,
    resources: asked && present({ limits: resourcesOf(asked.limits), requests: resourcesOf(asked.requests) }),
    timeoutMs: body.timeout_ms,
    idleTimeoutMs: body.idle_timeout_ms,
    startTimeoutMs: body.start_timeout_ms,
    disk: body.disk && present(body.disk),
    user: body.user,
    readOnlyRoot: body.read_only_root,
    network:
      body.network && present({ dns: body.network.dns, allow: body.network.allow?.map((range) => present(range)) }),
    hostUsers: body.host_users,
    arch: body.arch,
    metadata: body.metadata,
  });
}

function resourcesOf(asked: z.infer<typeof resources> | undefined) {
  return asked && present({ cpu: asked.cpu, memory: asked.memory, ephemeralStorage: asked.ephemeral_storage });
}

/** Only what is there: to the package a field that is undefined is one that was given. */
function present<Shape extends object>(fields: { [Key in keyof Shape]: Shape[Key] | undefined }): Shape {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Shape;
}
