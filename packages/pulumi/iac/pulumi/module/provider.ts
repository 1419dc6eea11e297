import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { doing } from './errors.ts';
import { providerSettings } from './provider-settings.ts';
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
    const ambient = new pulumi.Config('kubernetes');
    const { kubeconfig, context, warnings } = providerSettings(stackInput, {
      contextOfEnv: process.env[KUBE_CTX],
      contextOfStack: ambient.get('context'),
      kubeconfigOfStack: ambient.get('kubeconfig'),
    });
    for (const warning of warnings) warn(warning);
    return new kubernetes.Provider(
      'kubernetes',
      {
        ...(kubeconfig !== undefined && { kubeconfig: pulumi.secret(kubeconfig) }),
        ...(context !== undefined && { context }),
        // Contents change in place; without these the provider removes and makes the objects anew, under the feet of running pods.
        enableConfigMapMutable: true,
        enableSecretMutable: true,
      },
      options.parent === undefined ? {} : { parent: options.parent },
    );
  });
}
