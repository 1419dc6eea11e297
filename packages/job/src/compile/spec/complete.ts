import type {
  InitContainer,
  JobMetadata,
  JobResources,
  JobSecurityContext,
  KubernetesJob,
  KubernetesJobSpec,
  VolumeMount,
} from '../kubernetes-job/kubernetes-job.ts';
import { completeEnv } from './complete-env.ts';
import { completionsOf, leftOut, parallelismOf } from './completions.ts';
import { defaults } from './defaults.ts';
import type { CheckedManifest } from './manifest-schema.ts';
import { quantityOf } from './quantity.ts';
import { namespaceText } from './rules/namespace.ts';
import { defined } from './defined.ts';

type Spec = CheckedManifest['spec'];

/** The job with all its defaults. Pure; only for manifests without problems. */
export function complete(manifest: CheckedManifest): KubernetesJob {
  return {
    apiVersion: manifest.apiVersion,
    kind: manifest.kind,
    metadata: completeMetadata(manifest.metadata),
    spec: completeSpec(manifest.spec),
  };
}

function completeMetadata(metadata: CheckedManifest['metadata']): JobMetadata {
  return {
    ...defined(metadata),
    labels: { ...metadata.labels },
    annotations: { ...metadata.annotations },
    tags: [...(metadata.tags ?? [])],
    relationships: (metadata.relationships ?? []).map((other) => ({
      ...defined(other),
      type: other.type ?? defaults.relationshipType,
    })),
  };
}

function completeSpec(spec: Spec): KubernetesJobSpec {
  const { targetCluster, serviceAccountName, nodeSelector, tolerations, runtimeClassName, hostUsers } = spec;
  return {
    ...(targetCluster && { targetCluster: defined(targetCluster) }),
    namespace: namespaceText(spec.namespace) ?? '',
    createNamespace: spec.createNamespace ?? defaults.createNamespace,
    image: defined(spec.image),
    resources: completeResources(spec.resources),
    env: completeEnv(spec.env),
    parallelism: parallelismOf(spec),
    completions: completionsOf(spec),
    backoffLimit: spec.backoffLimit ?? defaults.backoffLimit,
    activeDeadlineSeconds: leftOut(spec.activeDeadlineSeconds),
    ttlSecondsAfterFinished: leftOut(spec.ttlSecondsAfterFinished),
    completionMode: spec.completionMode ?? defaults.completionMode,
    restartPolicy: spec.restartPolicy ?? defaults.restartPolicy,
    command: [...(spec.command ?? [])],
    args: [...(spec.args ?? [])],
    configMaps: { ...spec.configMaps },
    volumeMounts: (spec.volumeMounts ?? []).map(completeMount),
    suspend: spec.suspend ?? defaults.suspend,
    ...(serviceAccountName !== undefined && { serviceAccountName }),
    ...(nodeSelector && { nodeSelector: { ...nodeSelector } }),
    ...(tolerations && { tolerations: tolerations.map((toleration) => defined(toleration)) }),
    ...(spec.securityContext && { securityContext: completeSecurity(spec.securityContext) }),
    ...(runtimeClassName !== undefined && { runtimeClassName }),
    ...(hostUsers !== undefined && { hostUsers }),
    ...(spec.podFailurePolicy && { podFailurePolicy: completePolicy(spec.podFailurePolicy) }),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(completeInit) }),
  };
}

/** Each value has its own default; a request that nobody asked for gives way to a lower limit. */
function completeResources(given: Spec['resources']): JobResources {
  const limits = {
    cpu: String(given?.limits?.cpu ?? defaults.resources.limits.cpu),
    memory: String(given?.limits?.memory ?? defaults.resources.limits.memory),
  };
  const request = (what: 'cpu' | 'memory') =>
    String(given?.requests?.[what] ?? smaller(defaults.resources.requests[what], limits[what]));
  return { limits, requests: { cpu: request('cpu'), memory: request('memory') } };
}

function smaller(a: string, b: string): string {
  return (quantityOf(a) ?? 0n) <= (quantityOf(b) ?? 0n) ? a : b;
}

function completeMount(mount: NonNullable<Spec['volumeMounts']>[number]): VolumeMount {
  const { name, mountPath, subPath, configMap, secret, hostPath, emptyDir, pvc } = mount;
  return {
    name,
    mountPath,
    readOnly: mount.readOnly ?? defaults.readOnly,
    ...(subPath !== undefined && { subPath }),
    ...(configMap && { configMap: defined(configMap) }),
    ...(secret && { secret: defined(secret) }),
    ...(hostPath && { hostPath: { path: hostPath.path, ...(hostPath.type ? { type: hostPath.type } : {}) } }),
    ...(emptyDir && {
      emptyDir: {
        ...(emptyDir.medium ? { medium: emptyDir.medium } : {}),
        ...(emptyDir.sizeLimit !== undefined && { sizeLimit: String(emptyDir.sizeLimit) }),
      },
    }),
    ...(pvc && { pvc: { claimName: pvc.claimName, readOnly: pvc.readOnly ?? defaults.readOnly } }),
  };
}

function completeSecurity({
  capabilities,
  seccompProfile,
  ...context
}: NonNullable<Spec['securityContext']>): JobSecurityContext {
  return {
    ...defined(context),
    ...(capabilities && { capabilities: defined(capabilities) }),
    ...(seccompProfile && { seccompProfile: defined(seccompProfile) }),
  };
}

/** Exit codes in order and each once: the API server insists, and nothing else depends on it. */
function completePolicy({
  rules,
}: NonNullable<Spec['podFailurePolicy']>): NonNullable<KubernetesJobSpec['podFailurePolicy']> {
  return {
    rules: rules.map(({ action, onExitCodes, onPodConditions }) => ({
      action,
      ...(onExitCodes && {
        onExitCodes: { ...defined(onExitCodes), values: [...new Set(onExitCodes.values)].toSorted((a, b) => a - b) },
      }),
      ...(onPodConditions && {
        onPodConditions: onPodConditions.map(({ type, status }) => ({ type, status: status ?? 'True' })),
      }),
    })),
  };
}

function completeInit({ name, image, command, args }: NonNullable<Spec['initContainers']>[number]): InitContainer {
  return { name, image: defined(image), command: [...(command ?? [])], args: [...(args ?? [])] };
}
