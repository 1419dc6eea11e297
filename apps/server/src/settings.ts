import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { defineError } from '@ephemera/model';
import { z } from 'zod';
import { defaultImage } from './sandboxes/default-image.ts';
import { isRange } from './sandboxes/ranges.ts';

export const SettingsInvalid = defineError<{ problems: readonly string[] }>({
  code: 'settings.invalid',
  retryable: false,
  message: ({ problems }) => `The settings cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
  hint: 'Every setting is an environment variable; `npx ephemera up --help` lists them with their defaults.',
});

const text = z.string().min(1);
const integer = (min: number, max: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().int().min(min).max(max));
/** A Kubernetes quantity, as far as quotas use them: `1`, `500m`, `2Gi`. */
const quantity = z.string().regex(/^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/, 'must be a quantity such as 500m, 1 or 2Gi');
/** Names with commas between them; an empty text is not set, so there is always one. */
const namespaces = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((name) => name.trim()))])
  .pipe(
    z.array(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be names of namespaces, comma between')),
  );
/** `none` is the empty list: an empty variable counts as not set. */
const clusterNames = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((name) => name.trim()))])
  .pipe(z.array(z.string().regex(/^[^,\p{C}]{1,253}$/u, 'must be names of clusters, comma between, or none')))
  .transform((names) => names.filter((name) => name !== 'none'));
const imagePatterns = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((pattern) => pattern.trim()))])
  .pipe(z.array(z.string().regex(/^[\w.:/@*-]+$/, 'must be images such as docker:24-dind or docker:*, comma between')));
const objectName = z
  .string()
  .regex(
    /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/,
    'must be the name of an object: small letters, digits, dashes and dots',
  );
const namespaceOrNone = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be the name of a namespace, or none');
const ranges = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((range) => range.trim()))].filter((range) => range !== 'none'))
  .pipe(z.array(z.string().refine(isRange, 'must be address ranges such as 203.0.113.0/24, comma between, or none')));
const ids = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((id) => id.trim()))])
  .pipe(
    z.array(
      z
        .string()
        .regex(/^[1-9]\d{0,14}$/, 'must be the numbers by which GitHub knows them')
        .transform(Number),
    ),
  );
const domain = z
  .string()
  .toLowerCase()
  .regex(
    /^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)*[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    'must be a domain name without scheme or port',
  );

/** The one schema of the server's settings: names, types, defaults and help come from here. */
const schema = z.object({
  HOST: z
    .string()
    .refine(isHost, 'must be an address or a name of this machine')
    .default('127.0.0.1')
    .describe('address to listen on; 0.0.0.0 or :: is all of them'),
  PORT: integer(0, 65_535).default(3001).describe('port to listen on; 0 takes a free one'),
  BASE_DOMAIN: domain.default('localhost').describe('environments answer at pr-N-….BASE_DOMAIN'),
  PUBLIC_SCHEME: z.enum(['http', 'https']).default('http').describe('scheme of the environments’ URLs'),
  PUBLIC_PORT: integer(1, 65_535).optional().describe('port of the environments’ URLs (default: PORT)'),
  KUBECONFIG_PATH: text.optional().describe('kubeconfig file (default: the pod’s own account, then kubectl’s file)'),
  CLUSTER_NAME: text
    .optional()
    .describe('name shown for the cluster; also its context, if the kubeconfig has one of that name'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must start with postgres:// or postgresql://')
    .optional()
    .describe('PostgreSQL 15 or newer (default: an embedded PostgreSQL 18 in DATA_DIR)'),
  DATA_DIR: text
    .optional()
    .describe('folder of the embedded PostgreSQL (default: /var/lib/ephemera as root, else ~/.local/share/ephemera)'),
  GITHUB_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .default('https://api.github.com')
    .describe('GitHub’s API; GitHub Enterprise: https://HOST/api/v3'),
  GITHUB_APP_ID: z
    .string()
    .regex(/^\d+$/, 'must be the number that the App’s settings page shows')
    .optional()
    .describe('id of the GitHub App'),
  GITHUB_APP_PRIVATE_KEY_PATH: text.optional().describe('the App’s private key, a .pem file'),
  GITHUB_WEBHOOK_SECRET: text.optional().describe('secret of the App’s webhook'),
  GITHUB_WEBHOOK_SECRET_PREVIOUS: text.optional().describe('also accepted while the secret is being replaced'),
  DRAFTS: z.enum(['include', 'skip']).default('include').describe('whether a draft pull request gets an environment'),
  QUOTA_CPU: quantity.default('1').describe('CPU of one environment, requests and limits'),
  QUOTA_MEMORY: quantity.default('2Gi').describe('memory of one environment, requests and limits'),
  QUOTA_PODS: integer(1, 10_000).default(10).describe('pods of one environment'),
  QUOTA_SERVICES: integer(0, 10_000).default(20).describe('services of one environment'),
  QUOTA_PVCS: integer(0, 10_000).default(10).describe('persistent volume claims of one environment'),
  QUOTA_SECRETS: integer(0, 10_000).default(30).describe('secrets of one environment'),
  QUOTA_CONFIGMAPS: integer(1, 10_000).default(30).describe('config maps of one environment'),
  LIMIT_DEFAULT_CPU: quantity.default('100m').describe('CPU of a container that names none'),
  LIMIT_DEFAULT_MEMORY: quantity.default('200Mi').describe('memory of a container that names none'),
  WORK_LEASE_SECONDS: integer(1, 600)
    .default(15)
    .describe('after this long, another worker takes over from a dead one (seconds)'),
  DESTROY_FAILED_AFTER_SECONDS: integer(1, 86_400)
    .default(600)
    .describe('a removal that takes longer is shown as failed, and still tried (seconds)'),
  SWEEP_EVERY_SECONDS: integer(1, 86_400)
    .default(180)
    .describe('how often GitHub and the cluster are compared with the database (seconds)'),
  SWEEP_GRACE_SECONDS: integer(0, 604_800)
    .default(600)
    .describe('how long a repository or a record has to be missing before what belongs to it is removed (seconds)'),
  GITHUB_WRITES_PER_MINUTE: integer(1, 1_000_000)
    .default(60)
    .describe('comments, statuses and check runs written in a minute, per installation'),
  GITHUB_WRITES_PER_HOUR: integer(1, 1_000_000).default(400).describe('the same in an hour'),
  PR_JOBS_NAMESPACES: namespaces
    .default(['default'])
    .describe('namespaces that callers may name for pull-request jobs, comma between'),
  PR_JOBS_IMAGES: imagePatterns
    .default(['docker:*'])
    .describe('images that pull-request jobs may run, comma between; * is any text, of the registry or of the rest'),
  PR_JOBS_CLUSTERS: clusterNames
    .optional()
    .describe(
      'names of clusters that callers may name beside the server’s own, comma between, or none (default: every KUBECONFIG_<NAME>)',
    ),
  PR_JOBS_PROFILE: z
    .enum(['seed', 'minimal'])
    .default('seed')
    .describe(
      'rights of a job where the caller names none, and the most that it may name: the documented ones, or only what buildx needs',
    ),
  PR_JOBS_BUILDER: z
    .enum(['rootless', 'privileged'])
    .default('rootless')
    .describe(
      'how the builders of buildx run; privileged needs a namespace with the label ephemera.dev/privileged-builders=true',
    ),
  PR_JOBS_BUILDER_CPU: quantity.default('2').describe('the most CPU that the builder of a pull-request job gets'),
  PR_JOBS_BUILDER_MEMORY: quantity
    .default('4Gi')
    .describe('the most memory that the builder of a pull-request job gets; a build that needs more is ended'),
  PR_JOBS_DEADLINE_SECONDS: integer(60, 86_400)
    .default(1800)
    .describe('a pull-request job that runs longer is ended (seconds)'),
  PR_JOBS_PER_MINUTE: integer(1, 1_000_000)
    .default(60)
    .describe(
      'creations and cleanups of pull-request jobs by one caller in a minute, a third of them at once; ten times as many reads',
    ),
  SANDBOXES_NAMESPACE: namespaceOrNone
    .default('none')
    .describe('namespace of the sandboxes that callers make, not one of PR_JOBS_NAMESPACES; none: nobody may make any'),
  SANDBOXES_IMAGES: imagePatterns
    .default([defaultImage])
    .describe(
      'images that sandboxes may run, comma between; * is any text, of the registry or of the rest. * alone lets callers make the nodes connect to any host and port, as a registry',
    ),
  SANDBOXES_DNS: z
    .enum(['true', 'false'])
    .default('false')
    .describe(
      'whether callers may give their sandboxes the cluster’s DNS; through it a program can send data anywhere, whatever the ranges',
    ),
  SANDBOXES_RANGES: ranges
    .default([])
    .describe(
      'address ranges that callers may open to their sandboxes, such as 203.0.113.0/24, comma between, or none; without any a sandbox reaches nothing but, where SANDBOXES_DNS allows it, the cluster’s DNS',
    ),
  SANDBOXES_SERVICE_ACCOUNT: objectName
    .default('ci-fixer-sandbox')
    .describe('account of all sandboxes; it needs no rights, and no token of it is in a sandbox'),
  SANDBOXES_RUNTIME_CLASS: objectName
    .optional()
    .describe('runtime class of all sandboxes, such as gvisor (default: the cluster’s own)'),
  SANDBOXES_CPU: quantity.default('2').describe('the most CPU that one sandbox gets'),
  SANDBOXES_MEMORY: quantity.default('4Gi').describe('the most memory that one sandbox gets'),
  SANDBOXES_STORAGE: quantity.default('8Gi').describe('the most disk of its node that one sandbox gets'),
  SANDBOXES_LONGEST_SECONDS: integer(60, 604_800)
    .default(86_400)
    .describe('how long a sandbox lives at most, however often it is extended (seconds)'),
  SANDBOXES_PER_TOKEN: integer(1, 10_000).default(20).describe('sandboxes that one token may have at once'),
  SANDBOXES_IN_ALL: integer(1, 100_000).default(100).describe('sandboxes that all tokens together may have at once'),
  SANDBOXES_PER_MINUTE: integer(1, 1_000_000)
    .default(60)
    .describe('sandboxes that one caller may make in a minute; a hundred times as many other requests about them'),
  OIDC_AUDIENCE: text
    .optional()
    .describe(
      'audience that tokens of GitHub Actions have to be for, best the URL of this server (default: none is accepted)',
    ),
  OIDC_ISSUER: z
    .url({ protocol: /^https?$/, error: 'must be an https URL' })
    .refine(isSafeIssuer, 'must be an https URL: over http anybody on the way could name the keys')
    .default('https://token.actions.githubusercontent.com')
    .describe('who signs the tokens of GitHub Actions; GitHub Enterprise: https://HOST/_services/token'),
  OIDC_REPOSITORY_IDS: ids
    .optional()
    .describe('ids of repositories whose workflows may ask without the App, comma between'),
  OIDC_OWNER_IDS: ids
    .optional()
    .describe('ids of accounts and organisations whose repositories’ workflows may ask without the App, comma between'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('how much is logged'),
});

type Raw = z.infer<typeof schema>;

/** GitHub's settings come as a group: all of them or none. */
export interface GitHubSettings {
  readonly apiUrl: string;
  readonly appId: string;
  readonly privateKeyPath: string;
  /** The current one, and the previous one while they are being exchanged. */
  readonly webhookSecrets: readonly string[];
}

export type Settings = Readonly<Raw> & {
  readonly dataDir: string;
  /** Undefined: the server runs, and the webhook answers 503. */
  readonly github: GitHubSettings | undefined;
};

/** Reads all settings at once. Throws one error with every problem that there is. Empty variables count as not set. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => name in schema.shape && value !== ''),
  );
  const parsed = schema.safeParse(given);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  problems.push(...missingOfGroup(given));
  if (!parsed.success || problems.length > 0) throw new SettingsInvalid({ problems });
  const raw = parsed.data;
  if (sharesWithJobs(raw)) {
    const problem = `is ${raw.SANDBOXES_NAMESPACE}, one of PR_JOBS_NAMESPACES: jobs could open a shell in every sandbox`;
    throw new SettingsInvalid({ problems: [`SANDBOXES_NAMESPACE: ${problem}`] });
  }
  return Object.freeze({ ...raw, dataDir: raw.DATA_DIR ?? defaultDataDir(), github: githubGroup(raw) });
}

/** Jobs of pull requests may have pods/exec in their namespaces. `none` is no namespace here. */
function sharesWithJobs({ SANDBOXES_NAMESPACE: name, PR_JOBS_NAMESPACES: ofJobs }: Raw): boolean {
  return name !== 'none' && ofJobs.includes(name);
}

const group = ['GITHUB_APP_ID', 'GITHUB_APP_PRIVATE_KEY_PATH', 'GITHUB_WEBHOOK_SECRET'] as const;

/** GITHUB_API_URL alone starts nothing: GitHub's own runners set it. */
function missingOfGroup(given: Readonly<Record<string, unknown>>): string[] {
  const missing = group.filter((name) => given[name] === undefined);
  if (missing.length === 0 || missing.length === group.length) return [];
  return missing.map(
    (name) => `${name}: is missing, while ${group.filter((other) => !missing.includes(other)).join(' and ')} is set`,
  );
}

function githubGroup(raw: Raw): GitHubSettings | undefined {
  const { GITHUB_APP_ID: appId, GITHUB_APP_PRIVATE_KEY_PATH: privateKeyPath, GITHUB_WEBHOOK_SECRET: secret } = raw;
  if (appId === undefined || privateKeyPath === undefined || secret === undefined) return undefined;
  const previous = raw.GITHUB_WEBHOOK_SECRET_PREVIOUS;
  return {
    apiUrl: raw.GITHUB_API_URL,
    appId,
    privateKeyPath,
    webhookSecrets: previous === undefined ? [secret] : [secret, previous],
  };
}

function defaultDataDir(): string {
  // As root the database runs under another user, who may not enter root's home.
  return process.getuid?.() === 0
    ? '/var/lib/ephemera'
    : join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'ephemera');
}

/** Of this machine itself the keys come as safely by http. */
function isSafeIssuer(issuer: string): boolean {
  if (!URL.canParse(issuer)) return true;
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function isHost(host: string): boolean {
  return isIP(host) !== 0 || domain.safeParse(host).success;
}

/** One line for each setting: what `up --help` and the reference page print. */
export function describeSettings(): { name: string; default: string | undefined; help: string }[] {
  const defaults = schema.parse({}) as Readonly<Record<string, string | number | readonly string[] | undefined>>;
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    default: defaults[name]?.toString(),
    help: field.description ?? '',
  }));
}
