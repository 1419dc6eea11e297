import type { SecretObject } from '@ephemera/job/compile';
import type * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { asInputs } from './registration.ts';

/** A Secret whose values are secret to Pulumi too: encrypted in the state of the stack, hidden in what it prints. */
export function secretInputs(object: SecretObject): kubernetes.types.input.core.v1.Secret {
  const stringData = Object.fromEntries(
    Object.entries(object.stringData).map(([key, value]) => [key, pulumi.secret(value)]),
  );
  return { ...asInputs<kubernetes.types.input.core.v1.Secret>(object), stringData };
}
