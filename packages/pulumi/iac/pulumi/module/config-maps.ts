import * as kubernetes from '@pulumi/kubernetes';
import { doing } from './errors.ts';
import type { Locals } from './locals.ts';
import { asInputs, fixedName, resourceName, type Options } from './registration.ts';

/** One ConfigMap for each entry of `spec.configMaps`, named by its key. */
export function configMaps(locals: Locals, options: Options): readonly kubernetes.core.v1.ConfigMap[] {
  return locals.compiled.configMaps.map((object) =>
    doing(
      `creating the ConfigMap ${object.metadata.name}`,
      () =>
        new kubernetes.core.v1.ConfigMap(
          resourceName(locals.prefix, `config-map-${object.metadata.name}`),
          asInputs(object),
          fixedName(options),
        ),
    ),
  );
}
