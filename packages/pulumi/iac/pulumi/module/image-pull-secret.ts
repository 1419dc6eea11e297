import * as kubernetes from '@pulumi/kubernetes';
import { doing } from './errors.ts';
import type { Locals } from './locals.ts';
import { fixedName, resourceName, type Options } from './registration.ts';
import { secretInputs } from './secret-inputs.ts';

/** The Secret `{name}-image-pull-secret`, where there are credentials for registries. */
export function createImagePullSecret(locals: Locals, options: Options): kubernetes.core.v1.Secret | undefined {
  const object = locals.compiled.imagePullSecret;
  if (object === undefined) return undefined;
  return doing(
    'creating the image pull Secret',
    () =>
      new kubernetes.core.v1.Secret(
        resourceName(locals.prefix, 'image-pull-secret'),
        secretInputs(object),
        fixedName(options),
      ),
  );
}
