import { hostPath, mountPath, projectedPath, relativePath } from '../checks/paths.ts';
import { dataKey, dnsLabel, dnsSubdomain } from '../checks/names.ts';
import { defaults } from '../defaults.ts';
import { flag, list, object, oneOf, quantity, text, wholeNumber } from './field.ts';
import { patterns } from './patterns.ts';

const octalHint = ' YAML reads it as decimal: write 0755 octal as 493, 0644 as 420, 0400 as 256.';

function projected(kind: string, description: string) {
  return object(
    {
      name: text({ description: `Name of the ${kind}.`, pattern: patterns.subdomain, maxLength: 253 }, dnsSubdomain),
      key: text({ description: 'Only this key. Default: all keys.', pattern: patterns.dataKey }, dataKey).optional(),
      path: text(
        { description: 'File name for the key inside of the volume. Default: the key.', pattern: patterns.relative },
        projectedPath,
      ).optional(),
      defaultMode: wholeNumber(
        0,
        511,
        { description: 'Permissions of the files, in decimal: 493 is octal 0755. Default: 420 (0644).' },
        octalHint,
      ).optional(),
    },
    { description },
  ).optional();
}

const volumeMount = object(
  {
    name: text(
      {
        description: 'Name of the volume. Mounts with equal name and source share it.',
        pattern: patterns.label,
        maxLength: 63,
      },
      dnsLabel,
    ),
    mountPath: text(
      { description: 'Where in the container: an absolute path, each only once.', pattern: patterns.absolute },
      mountPath,
    ),
    readOnly: flag({ description: 'Whether the container can only read it.', default: defaults.readOnly }).optional(),
    subPath: text(
      {
        description: 'A path inside the volume. Needed to mount one file; without it mountPath becomes a folder.',
        pattern: patterns.relative,
      },
      relativePath,
    ).optional(),
    configMap: projected('ConfigMap', 'Files from a ConfigMap: one of spec.configMaps, or one that is there already.'),
    secret: projected('Secret', 'Files from a Secret.'),
    hostPath: object(
      {
        path: text({ description: 'Absolute path on the node.', pattern: patterns.absolute }, hostPath),
        type: oneOf(
          ['', 'DirectoryOrCreate', 'Directory', 'FileOrCreate', 'File', 'Socket', 'CharDevice', 'BlockDevice'],
          {
            description: 'What has to be there. Empty: not checked.',
            default: '',
          },
        ).optional(),
      },
      { description: 'A file or folder of the node.' },
    ).optional(),
    emptyDir: object(
      {
        medium: oneOf(['', 'Memory'], {
          description: 'Empty: the disk of the node. Memory: a tmpfs.',
          default: '',
        }).optional(),
        sizeLimit: quantity({ description: 'The pod is evicted above this size.' }).optional(),
      },
      { description: 'An empty folder that lives as long as the pod: {} is enough.' },
    ).optional(),
    pvc: object(
      {
        claimName: text(
          { description: 'Name of the PersistentVolumeClaim.', pattern: patterns.subdomain, maxLength: 253 },
          dnsSubdomain,
        ),
        readOnly: flag({
          description: 'Whether the volume is attached for reading only.',
          default: defaults.readOnly,
        }).optional(),
      },
      { description: 'A PersistentVolumeClaim that is there already.' },
    ).optional(),
  },
  { description: 'One mount with exactly one source.' },
);

export const volumeMounts = list(volumeMount, {
  description: 'What is mounted into the container: ConfigMap, Secret, HostPath, EmptyDir or PersistentVolumeClaim.',
  default: [],
}).optional();
