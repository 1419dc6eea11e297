import * as kubernetes from '@pulumi/kubernetes';
import { doing } from './errors.ts';
import type { Locals } from './locals.ts';
import { asInputs, fixedName, resourceName, type Options } from './registration.ts';

/** The namespace of the job, where `createNamespace` asks for it. */
export function namespace(locals: Locals, options: Options): kubernetes.core.v1.Namespace | undefined {
  const object = locals.compiled.namespace;
  if (object === undefined) return undefined;
  return doing(
    'creating the namespace',
    () =>
      new kubernetes.core.v1.Namespace(resourceName(locals.prefix, 'namespace'), asInputs(object), fixedName(options)),
  );
}
