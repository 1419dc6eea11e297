import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Runs kubectl, which sees what is true, and returns what it printed; its own words are the error when it fails. */
export async function kubectl(args: readonly string[], input = ''): Promise<string> {
  const { EPHEMERA_TEST_KUBECTL: own, EPHEMERA_TEST_CONTEXT: context, EPHEMERA_TEST_KUBECONFIG } = process.env;
  const tool: { command: string; args: readonly string[] } =
    own === undefined
      ? { command: 'kubectl', args: context === undefined ? [] : ['--context', context] }
      : JSON.parse(own);
  const child = spawn(tool.command, [...tool.args, ...args], {
    stdio: 'pipe',
    timeout: 120_000,
    env: {
      ...process.env,
      ...(EPHEMERA_TEST_KUBECONFIG === undefined ? {} : { KUBECONFIG: EPHEMERA_TEST_KUBECONFIG }),
    },
  });
  child.stdin.end(input);
  const [out, problem, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${problem}`);
  return out;
}

/** The answer of a `kubectl get`. */
export async function kubectlJson<Answer>(...args: string[]): Promise<Answer> {
  return JSON.parse(await kubectl([...args, '-o', 'json']));
}
