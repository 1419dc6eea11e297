import { parseArgs } from 'node:util';
import { connectCluster, findAccess } from '@ephemera/kube';
import { EphemeraError, messageOf } from '@ephemera/model';
import type { CheckResult } from './check-result.ts';
import { checkLines, plain, verdict } from './print.ts';
import { isUnreachable, verifyDeployment } from './verify.ts';

export interface CommandSurroundings {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How long the cluster may take to answer at all. Default 10,000. */
  readonly answerTimeoutMs?: number;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

const usage = `Usage: npx tsx scripts/verify-k8s-deployment.ts [--namespace NAME] [--context NAME] [--image IMAGE] [--json]

Checks whether a cluster is ready for sandboxes, one line for each check.

  --namespace NAME  where the accounts are, and the sandboxes will be (default)
  --context NAME    a context of the kubeconfig (KUBECONFIG_PATH, else kubectl's) instead of the current one
  --image IMAGE     also make a sandbox of this image, run a command in it, and remove it
  --json            print [{ "check", "ok", "detail", "hint"? }] instead of lines

Ends with 0 when all is well, 1 when a check failed, 2 for wrong flags, 3 when the cluster cannot be reached.`;

interface Flags {
  readonly namespace: string;
  readonly context?: string | undefined;
  readonly image?: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

/** The command `verify-k8s-deployment`: returns its exit code. */
export async function verifyCommand({ args, out, err, ...surroundings }: CommandSurroundings): Promise<0 | 1 | 2 | 3> {
  const flags = readFlags(args);
  if (typeof flags === 'string') {
    err(`${plain(flags)}\n\n${usage}`);
    return 2;
  }
  if (flags.help) {
    out(usage);
    return 0;
  }
  try {
    const results = await verify(flags, surroundings, (line) => (flags.json ? undefined : out(line)));
    if (flags.json) out(JSON.stringify(results, null, 2));
    return results.every(({ ok }) => ok) ? 0 : 1;
  } catch (error) {
    const hint = error instanceof EphemeraError ? error.hint : undefined;
    err(`❌ cluster: ${plain(messageOf(error))}${hint === undefined ? '' : `\n   ${plain(hint)}`}`);
    return isUnreachable(error) || !(error instanceof EphemeraError) ? 3 : codeOf(error);
  }
}

async function verify(
  { namespace, context, image }: Flags,
  { environment, answerTimeoutMs }: Pick<CommandSurroundings, 'environment' | 'answerTimeoutMs'>,
  say: (line: string) => void,
): Promise<readonly CheckResult[]> {
  const access = findAccess({
    kubeconfigPath: environment['KUBECONFIG_PATH'] || undefined,
    preferredContext: environment['CLUSTER_NAME'] || undefined,
    context,
    environment,
  });
  await using cluster = await connectCluster(access);
  say(`Sandboxes in ${namespace}, ${plain(access.source)}`);
  const results: CheckResult[] = [];
  for await (const result of verifyDeployment({ cluster, namespace, image, answerTimeoutMs })) {
    results.push(result);
    say(checkLines(result));
  }
  say(verdict(results));
  return results;
}

const namespaceName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The flags, or what is wrong with them. */
function readFlags(args: readonly string[]): Flags | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        namespace: { type: 'string', short: 'n', default: 'default' },
        context: { type: 'string' },
        image: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (!namespaceName.test(values.namespace))
      return `${JSON.stringify(values.namespace)} cannot be the name of a namespace.`;
    return values;
  } catch (error) {
    return messageOf(error);
  }
}

/** A kubeconfig that cannot be used is bad input, none at all is a cluster that cannot be reached. */
function codeOf(error: EphemeraError): 2 | 3 {
  return error.code === 'kube.kubeconfig_invalid' ? 2 : 3;
}
