import type { ContainerMount, KeyToPath, Volume } from '@ephemera/model';
import type { ProjectedSource, VolumeMount } from './kubernetes-job.ts';

/**
 * The mounts for a container and the volumes for its pod. Mounts of equal name and source share one volume, which is how one volume
 * comes to several paths. Equal names with different sources stay two volumes, for the API server to refuse: neither is dropped here.
 */
export function buildVolumeMountsAndVolumes(mounts: readonly VolumeMount[]): {
  volumeMounts: ContainerMount[];
  volumes: Volume[];
} {
  const volumes = new Map(mounts.map(volumeOf).map((volume) => [JSON.stringify(volume), volume]));
  return { volumeMounts: mounts.map(mountOf), volumes: [...volumes.values()] };
}

function mountOf({ name, mountPath, readOnly, subPath }: VolumeMount): ContainerMount {
  return { name, mountPath, ...(readOnly && { readOnly }), ...(subPath !== undefined && { subPath }) };
}

/** Only what is set, in one order, so that equal volumes are equal text. */
function volumeOf({ name, configMap, secret, hostPath, emptyDir, pvc }: VolumeMount): Volume {
  return {
    name,
    ...(configMap && { configMap: { name: configMap.name, ...projection(configMap) } }),
    ...(secret && { secret: { secretName: secret.name, ...projection(secret) } }),
    ...(hostPath && { hostPath: { path: hostPath.path, ...(hostPath.type && { type: hostPath.type }) } }),
    ...(emptyDir && {
      emptyDir: {
        ...(emptyDir.medium && { medium: emptyDir.medium }),
        ...(emptyDir.sizeLimit && { sizeLimit: emptyDir.sizeLimit }),
      },
    }),
    ...(pvc && { persistentVolumeClaim: { claimName: pvc.claimName, ...(pvc.readOnly && { readOnly: true }) } }),
  };
}

/** With a key only that one is put into the volume, under its own name unless a path says otherwise. */
function projection({ key, path, defaultMode }: ProjectedSource): { items?: KeyToPath[]; defaultMode?: number } {
  return {
    ...(key !== undefined && { items: [{ key, path: path ?? key }] }),
    ...(defaultMode !== undefined && { defaultMode }),
  };
}
