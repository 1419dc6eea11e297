import type * as kubernetes from '@pulumi/kubernetes';
import { configMaps } from './config-maps.ts';
import { createImagePullSecret } from './image-pull-secret.ts';
import { job } from './job.ts';
import type { Locals } from './locals.ts';
import { namespace } from './namespace.ts';
import { after, type Options } from './registration.ts';
import { secret } from './secret.ts';

/**
 * Registers the objects of one job: namespace, Secrets, ConfigMaps, Job. Each waits for the namespace; the Job waits for all, since its
 * pods cannot start without them. The program and the component both come through here.
 */
export function objects(locals: Locals, options: Options): kubernetes.batch.v1.Job {
  const home = namespace(locals, options);
  const inNamespace = after(options, home);
  const envSecrets = secret(locals, inNamespace);
  const imagePullSecret = createImagePullSecret(locals, inNamespace);
  const maps = configMaps(locals, inNamespace);
  return job(locals, after(inNamespace, envSecrets, imagePullSecret, ...maps));
}
