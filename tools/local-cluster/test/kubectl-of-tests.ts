import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { text } from 'node:stream/consumers';

interface Tool {
  readonly command: string;
  readonly args: readonly string[];
}

/** Longer than any `--timeout` that a test gives to kubectl itself. */
const timeoutMs = 150_000;

/** The cluster's own kubectl, by its path, as `npm test` names it; the PATH's only with a context of the user's. */
function tool(): Tool {
  const { EPHEMERA_TEST_KUBECTL: own, EPHEMERA_TEST_CONTEXT: context } = process.env;
  if (own !== undefined) return JSON.parse(own);
  return { command: 'kubectl', args: context === undefined ? [] : ['--context', context] };
}

/** Starts kubectl on the cluster of the tests; it is ended after its time at the latest. */
export function startKubectl(args: readonly string[]): ChildProcessWithoutNullStreams {
  const { command, args: first } = tool();
  const kubeconfig = process.env['EPHEMERA_TEST_KUBECONFIG'];
  return spawn(command, [...first, ...args], {
    stdio: 'pipe',
    timeout: timeoutMs,
    env: { ...process.env, ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }) },
  });
}

/** Runs kubectl, which sees what is true, and returns what it printed; its own words are the error when it fails. Objects go in as JSON. */
export async function kubectl(args: readonly string[], input: string | object = ''): Promise<string> {
  const child = startKubectl(args);
  child.stdin.end(typeof input === 'string' ? input : JSON.stringify(input));
  const [out, problem, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject)),
  ]);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${problem}`);
  return out;
}

/** The answer of a `kubectl get`. */
export async function kubectlJson<Answer>(...args: string[]): Promise<Answer> {
  return JSON.parse(await kubectl([...args, '-o', 'json']));
}

export async function createObject(manifest: object): Promise<void> {
  await kubectl(['create', '-f', '-'], manifest);
}
