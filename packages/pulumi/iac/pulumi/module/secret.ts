import * as kubernetes from '@pulumi/kubernetes';
import { doing } from './errors.ts';
import type { Locals } from './locals.ts';
import { fixedName, resourceName, type Options } from './registration.ts';
import { secretInputs } from './secret-inputs.ts';

/** The Secret `{name}-env-secrets` with the literal secrets of the environment, if there are any. */
export function secret(locals: Locals, options: Options): kubernetes.core.v1.Secret | undefined {
  const object = locals.compiled.envSecrets;
  if (object === undefined) return undefined;
  return doing(
    'creating the Secret of the environment',
    () =>
      new kubernetes.core.v1.Secret(
        resourceName(locals.prefix, 'env-secrets'),
        secretInputs(object),
        fixedName(options),
      ),
  );
}
