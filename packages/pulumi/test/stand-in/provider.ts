import { setTimeout as pause } from 'node:timers/promises';
import { InitializationFailed, secret, type Properties, type Provider, type Step } from '@ephemera/pulumi-cli/provider';
import { openApi, Refused, type Api } from './api.ts';
import { differenceOf } from './difference.ts';
import { JobFailed, untilSettled } from './job.ts';
import { annotation, fieldManagerOf, hasUnknown, idOf, type KubernetesObject } from './object.ts';

/** As the real provider waits where nobody says how long. */
const patienceMs = 600_000;
const everyMs = 200;

/**
 * A stand-in for Pulumi's provider for Kubernetes, of which no published module holds a buildable version. It keeps to the real one's
 * ways for the kinds that the module makes: previews by dry run, server-side apply with a field manager for each resource, no taking
 * over of what is there, waiting for Jobs, replacements, secrets, and deletion that ends when the object is gone. It knows no schema, no
 * kind of its own, no generated names and no imports.
 */
export function kubernetesProvider(version: string): Provider {
  let api: Api | undefined;
  let mutable = { configMaps: false, secrets: false };
  let takesOver = false;
  const connected = (): Api => {
    if (api === undefined) throw new Error('the provider has not been configured');
    return api;
  };

  async function apply(inputs: Properties, { urn, preview, timeoutMs, signal }: Step): Promise<KubernetesObject> {
    const object = inputs as unknown as KubernetesObject;
    const applied = await connected().apply(object, { fieldManager: fieldManagerOf(urn), dryRun: preview });
    if (preview || object.kind !== 'Job' || annotation(object, 'skipAwait') === 'true') return applied;
    const seconds = Number(annotation(object, 'timeoutSeconds'));
    const patience = timeoutMs ?? (seconds > 0 ? seconds * 1000 : patienceMs);
    try {
      return await untilSettled(connected(), object, { timeoutMs: patience, signal });
    } catch (error) {
      if (!(error instanceof JobFailed)) throw error;
      throw new InitializationFailed(error.message, { id: idOf(object), inputs, outputs: outputsOf(applied) });
    }
  }

  /** What a preview can show where the API server cannot be asked: something is not known yet, or its namespace is only planned. */
  async function previewed(inputs: Properties, step: Step): Promise<Properties> {
    if (hasUnknown(inputs)) return inputs;
    try {
      await apply(inputs, step);
    } catch (error) {
      if (!(error instanceof Refused && error.status === 404)) throw error;
    }
    return inputs;
  }

  return {
    version,

    async configure(inputs) {
      api = openApi(inputs);
      // The SDK sends what is not text as JSON.
      const isOn = (name: string): boolean => String(inputs[name]) === 'true';
      mutable = { configMaps: isOn('enableConfigMapMutable'), secrets: isOn('enableSecretMutable') };
      takesOver = isOn('upsertExistingObjects');
    },

    check: async (_, inputs) => ({ inputs, failures: [] }),

    diff: async (_, news, oldInputs) => differenceOf(news, oldInputs, mutable),

    async create(inputs, step) {
      // A preview of a replacement sees the predecessor, so what is there is no error in it.
      if (step.preview) return { id: '', outputs: await previewed(inputs, step) };
      const object = inputs as unknown as KubernetesObject;
      if (!takesOver && (await connected().get(object)) !== undefined) {
        throw new Error(`${object.kind} ${idOf(object)} already exists`);
      }
      const applied = await apply(inputs, step);
      return { id: idOf(applied), outputs: outputsOf(applied) };
    },

    async read(_id, _urn, inputs) {
      const found = await connected().get(inputs as unknown as KubernetesObject);
      return found === undefined ? undefined : { inputs, outputs: outputsOf(found) };
    },

    async update(_, inputs, step) {
      if (step.preview) return { outputs: await previewed(inputs, step) };
      return { outputs: outputsOf(await apply(inputs, step)) };
    },

    async delete(id, outputs, { timeoutMs = patienceMs, signal }) {
      const object = outputs as unknown as KubernetesObject;
      if (!(await connected().remove(object)) || annotation(object, 'skipAwait') === 'true') return;
      const end = performance.now() + timeoutMs;
      // Another object of the same name is not the one that had to go.
      while ((await connected().get(object))?.metadata.uid === object.metadata.uid) {
        if (performance.now() > end) throw new Error(`${object.kind} ${id} is still there after ${timeoutMs / 1000} s`);
        await pause(everyMs, undefined, { signal });
      }
    },
  };
}

/** What Pulumi keeps in its state. The values of a Secret are secret whoever made it. */
function outputsOf({ metadata, ...object }: KubernetesObject): Properties {
  const { managedFields: _, ...kept } = metadata;
  const hidden = object.kind === 'Secret' && object['data'] !== undefined ? { data: secret(object['data']) } : {};
  return { ...object, metadata: kept, ...hidden };
}
