import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { text } from 'node:stream/consumers';

interface Tool {
  readonly command: string;
  readonly args: readonly string[];
}

/** The cluster's own kubectl, by its path; the PATH's only with a context of the user's. */
function tool(): Tool {
  const { EPHEMERA_TEST_KUBECTL: own, EPHEMERA_TEST_CONTEXT: context } = process.env;
  if (own !== undefined) return JSON.parse(own);
  return { command: 'kubectl', args: context === undefined ? [] : ['--context', context] };
}

/** Starts kubectl; it is ended after a minute at the latest. */
export function startKubectl(args: readonly string[]): ChildProcessWithoutNullStreams {
  const { command, args: first } = tool();
  const kubeconfig = process.env.EPHEMERA_TEST_KUBECONFIG;
  return spawn(command, [...first, ...args], {
    stdio: 'pipe',
    timeout: 60_000,
    env: { ...process.env, ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }) },
  });
}

/** Runs kubectl and returns what it printed; its own words are the error when it fails. */
export async function kubectl(args: readonly string[], input = ''): Promise<string> {
  const child = startKubectl(args);
  child.stdin.end(input);
  const [out, problem, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject)),
  ]);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${problem}`);
  return out;
}

export async function kubectlJson<Answer>(...args: string[]): Promise<Answer> {
  return JSON.parse(await kubectl([...args, '-o', 'json']));
}

export async function createObject(manifest: object): Promise<void> {
  await kubectl(['create', '-f', '-'], JSON.stringify(manifest));
}
