import { describeSettings, readSettings, SettingsInvalid, type Settings } from '../settings.ts';
import type { Verdict } from './check.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Where settings come from: each source by its name for people, the one that wins first. */
export interface Source {
  readonly name: string;
  readonly variables: Variables;
}

const secret = new Set(['GITHUB_WEBHOOK_SECRET', 'GITHUB_WEBHOOK_SECRET_PREVIOUS']);
/** Of the commands, not of the server. */
const elsewhere = new Set([
  'EPHEMERA_URL',
  'EPHEMERA_TOKEN',
  'EPHEMERA_CACHE',
  'EPHEMERA_CLUSTER_BLOCK',
  'KUBE_SKIP_TLS_VERIFY',
]);
/** The clusters of pull-request jobs, each with a kubeconfig: never shown. */
const namedCluster = /^KUBECONFIG_\w+$/;

export interface ReadResult {
  readonly verdict: Verdict;
  /** What the other checks work with; where settings are not valid, without those. */
  readonly settings: Settings;
}

/** Which settings are in force and where from. Secrets are named and not shown. */
export function checkSettings(sources: readonly Source[]): ReadResult {
  const merged = given(sources);
  const names = describeSettings().map(({ name }) => name);
  const seen = new Set<string>();
  const said = sources.flatMap(({ name: source, variables }) => {
    const own = names.filter((name) => set(variables)[name] !== undefined && !seen.has(name));
    for (const name of own) seen.add(name);
    return own.length === 0
      ? []
      : [`from ${source}: ${own.map((name) => shown(name, variables[name] ?? '')).join(', ')}`];
  });
  const detail = [...said, said.length === 0 ? 'all by default' : 'the rest by default'].join('; ');
  const { settings, problems } = readValid(merged);
  if (problems.length > 0) {
    return {
      settings,
      verdict: { ok: false, detail: problems.join('; '), hint: new SettingsInvalid({ problems }).hint },
    };
  }
  const strange = unknownNames(sources, names);
  if (strange.length === 0) return { settings, verdict: { ok: true, detail } };
  return {
    settings,
    verdict: { ok: null, detail, hint: `No setting is called ${strange.join(', ')}: see npx ephemera up --help.` },
  };
}

/** In a file that is made for us a name that nobody knows is a mistake; the environment is full of others'. */
function unknownNames([, ...files]: readonly Source[], names: readonly string[]): string[] {
  return files.flatMap(({ variables }) =>
    Object.keys(variables).filter((name) => !names.includes(name) && !elsewhere.has(name) && !namedCluster.test(name)),
  );
}

/** Leaves out what is not valid, so that a wrong PORT does not hide what is wrong with the cluster. */
function readValid(variables: Variables): { settings: Settings; problems: readonly string[] } {
  try {
    return { settings: readSettings(variables), problems: [] };
  } catch (error) {
    if (!(error instanceof SettingsInvalid)) throw error;
    const problems = error.details['problems'] as readonly string[];
    const wrong = new Set(problems.map((problem) => problem.split(':', 1)[0] ?? ''));
    // A group that is incomplete cannot be used at all.
    if ([...wrong].some((name) => name.startsWith('GITHUB_'))) {
      for (const name of Object.keys(variables)) if (name.startsWith('GITHUB_')) wrong.add(name);
    }
    const rest = Object.fromEntries(Object.entries(variables).filter(([name]) => !wrong.has(name)));
    return { settings: readSettings(rest), problems };
  }
}

function shown(name: string, value: string): string {
  if (secret.has(name)) return `${name} (set)`;
  return `${name}=${name === 'DATABASE_URL' ? withoutAccount(value) : value}`;
}

/** The address of a database without who logs in, as far as it can be told apart; else nothing of it. */
export function withoutAccount(url: string): string {
  if (!URL.canParse(url)) return '(set)';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** What holds of all sources together; an empty variable counts as not set. */
export function given(sources: readonly Source[]): Variables {
  return Object.fromEntries(sources.toReversed().flatMap(({ variables }) => Object.entries(set(variables))));
}

function set(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
}
