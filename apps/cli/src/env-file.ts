import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { defineError, messageOf } from '@ephemera/model';

export const EnvFileUnusable = defineError<{ path: string; problem: string }>({
  code: 'cli.env_file_unusable',
  retryable: false,
  message: ({ path, problem }) => `The settings file ${path} cannot be used: ${problem}.`,
  hint: 'It holds one NAME=value a line; `npx ephemera setup github` writes such a file.',
});

/** The flag of every command that reads the server's settings: `up`, `doctor`, `token`, `database`. */
export const envFileFlag = {
  kind: 'parsed',
  parse: String,
  optional: true,
  placeholder: 'FILE',
  brief: 'Read settings from a file of NAME=value lines; variables that are set already win',
} as const;

/** Settings that are paths: in a file they are relative to it, so that file and key can be moved together. */
const pathSettings = ['GITHUB_APP_PRIVATE_KEY_PATH', 'KUBECONFIG_PATH', 'DATA_DIR'] as const;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The environment, completed from a file. A variable that is set wins over the file, so that one run can differ from it;
 * an empty one counts as not set, as everywhere. Throws `cli.env_file_unusable` (exit code 2) for a file that is missing or not understood.
 */
export function withEnvFile(environment: Variables, path: string | undefined): Variables {
  if (path === undefined) return environment;
  const set = Object.entries(environment).filter(([, value]) => value !== undefined && value !== '');
  return { ...readEnvFile(path), ...Object.fromEntries(set) };
}

/** What the file alone says, with paths that are relative to it made absolute. */
export function readEnvFile(path: string): Record<string, string | undefined> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new EnvFileUnusable({ path, problem: messageOf(error) }, { cause: error });
  }
  const problem = problemOf(text);
  if (problem !== undefined) throw new EnvFileUnusable({ path, problem });
  const values = parseEnv(text);
  for (const name of pathSettings) {
    const value = values[name];
    if (value === undefined || value === '' || isAbsolute(value) || value.startsWith('~/')) continue;
    values[name] = join(dirname(resolve(path)), value);
  }
  return values;
}

const assignment = /^\s*(?:export\s+)?[A-Za-z_]\w*\s*=\s*(.*)$/;

/**
 * What Node's parser would pass over in silence: a line that is no assignment, a quote that is never closed.
 * Names the line only, as its text may be a secret. Pure.
 */
export function problemOf(text: string): string | undefined {
  let open: { readonly quote: string; readonly line: number } | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (open) {
      if (line.includes(open.quote)) open = undefined;
      continue;
    }
    if (/^\s*(#|$)/.test(line)) continue;
    const value = assignment.exec(line)?.[1];
    if (value === undefined) return `line ${index + 1} is no NAME=value`;
    const quote = /^["'`]/.exec(value)?.[0];
    if (quote !== undefined && !value.slice(1).includes(quote)) open = { quote, line: index + 1 };
  }
  return open && `the ${open.quote} of line ${open.line} is never closed`;
}
