import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { ambientKubeconfigs } from './ambient-kubeconfig.ts';
import { doing } from './errors.ts';
import { providerSettings } from './provider-settings.ts';
import { word } from './quoted.ts';
import type { Options } from './registration.ts';
import type { StackInput } from './stack-input/stack-input.ts';
import { KUBE_CTX } from './vars.ts';
import { warn } from './warn.ts';

/**
 * The provider for the cluster of a stack input: its provider_config, or else the kubeconfig of the environment with the context that
 * KUBE_CTX names. Throws `ProviderUnsupported`, `ProviderConfigInvalid`.
 */
export function provider(stackInput: StackInput, options: Options = {}): kubernetes.Provider {
  return doing('creating the provider', () => {
    const ofStack = new pulumi.Config(KUBERNETES);
    const kubeconfigOfStack = ofStack.get('kubeconfig');
    const { kubeconfig, context, warnings } = providerSettings(stackInput, {
      contextOfEnv: process.env[KUBE_CTX],
      contextOfStack: ofStack.get('context'),
      kubeconfigOfStack,
      kubeconfigs: ambientKubeconfigs(kubeconfigOfStack, process.env),
    });
    for (const warning of [...warnings, ...unheard(Object.keys(pulumi.runtime.allConfig()))]) warn(warning);
    return new kubernetes.Provider(
      'kubernetes',
      {
        ...(kubeconfig !== undefined && { kubeconfig: pulumi.secret(kubeconfig) }),
        ...(context !== undefined && { context }),
        // Contents change in place; without these the provider removes and makes the objects anew, under the feet of running pods.
        enableConfigMapMutable: true,
        enableSecretMutable: true,
        // Said, because an environment variable could say otherwise: what somebody else made is never taken over.
        upsertExistingObjects: false,
      },
      options.parent === undefined ? {} : { parent: options.parent },
    );
  });
}

const KUBERNETES = 'kubernetes';
/** The settings of the stack that are read here. */
const HEARD = ['kubeconfig', 'context'].map((key) => `${KUBERNETES}:${key}`);

/** The others are for Pulumi's own default provider, which nothing here uses. */
function unheard(keys: readonly string[]): readonly string[] {
  const names = keys.filter((key) => key.startsWith(`${KUBERNETES}:`) && !HEARD.includes(key));
  if (names.length === 0) return [];
  const list = names.map((name) => name.split(':').map(word).join(':')).join(', ');
  return [`These settings of the stack have no effect on this module: ${list}. Only ${HEARD.join(' and ')} are read.`];
}
