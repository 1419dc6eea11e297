import { appAccount, managerRules, sandboxAccount, type ManagerRule } from '../rights/rules.ts';
import { askAll, type Answered } from './ask.ts';
import { applyAgain, fault, fine, someOf, type Finding } from './check-result.ts';
import { matrixQuestions, rightText } from './matrix.ts';
import type { Place } from './object-checks.ts';
import { shellWord } from './shell-word.ts';

/** What the API server itself says about every right of one account. */
export interface AccountRights {
  readonly answers: readonly Answered[];
  /** Groups of the API that do not answer, whose rights could not be asked about. */
  readonly unknown: readonly string[];
}

export function rightsOfApp(place: Place): Promise<AccountRights> {
  return rightsOf(place, appAccount, managerRules);
}

export function rightsOfSandbox(place: Place): Promise<AccountRights> {
  return rightsOf(place, sandboxAccount, []);
}

async function rightsOf(
  { cluster, namespace, signal }: Place,
  account: string,
  rules: readonly ManagerRule[],
): Promise<AccountRights> {
  const { resources, unknown } = await cluster.resources(signal);
  const questions = matrixQuestions({ resources, rules, namespace });
  const answers = await askAll(cluster, `system:serviceaccount:${namespace}:${account}`, questions, signal);
  return { answers, unknown: unknown.map(({ what }) => what) };
}

/** Whether all that is needed is there. */
export function checkNeeded({ answers }: AccountRights, namespace: string): Finding {
  const needed = answers.filter(({ wanted }) => wanted);
  const missing = needed.filter(({ allowed }) => !allowed).map(({ right }) => rightText(right));
  // A server that lists none of the resources has been asked nothing.
  const wanted = managerRules.flatMap(({ verbs }) => verbs).length;
  if (needed.length < wanted) {
    return fault(
      `the API server knows only ${needed.length} of the ${wanted} rights that sandboxes need`,
      'See whether the server answers for all its APIs: kubectl api-resources',
    );
  }
  return missing.length === 0
    ? fine(`may do all ${needed.length} things that sandboxes need`)
    : fault(`may not ${someOf(missing)}`, applyAgain(namespace));
}

/** Whether there is nothing beyond. What could not be asked about is a fault: it never reads as nothing. */
export function checkNothingElse({ answers, unknown }: AccountRights, account: string): Finding {
  const extra = answers.filter(({ wanted, allowed }) => allowed && !wanted);
  if (extra.length > 0) {
    const reasons = [...new Set(extra.map(({ reason }) => reason ?? '').filter((reason) => reason !== ''))];
    return fault(
      `may also ${someOf(extra.map(({ right }) => rightText(right)))}`,
      reasons.length === 0
        ? `Find what gives it: kubectl auth can-i --list --as=system:serviceaccount:NAMESPACE:${account}`
        : `Remove what gives it. The API server says: ${someOf(reasons.map(shellWord), 2)}`,
    );
  }
  const asked = answers.filter(({ wanted }) => !wanted).length;
  if (asked === 0 || unknown.length > 0) {
    return fault(
      `could not be asked about everything: ${unknown.join(', ') || 'the API server lists no resources'}`,
      'See which APIs do not answer: kubectl get apiservices',
    );
  }
  return fine(`has none of the ${asked} other rights that there are`);
}
