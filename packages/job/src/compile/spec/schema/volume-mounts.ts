import { hostPath, mountPath, projectedPath, relativePath } from '../checks/paths.ts';
import { dataKey, dnsLabel, dnsSubdomain } from '../checks/names.ts';
import { defaults } from '../defaults.ts';
import { flag, list, object, oneOf, quantity, text, wholeNumber } from './field.ts';
import { optionalText } from './optional-text.ts';
import { patterns } from './patterns.ts';

const octalHint = ' Octal in YAML is 0o755 (493), 0o644 (420) or 0o400 (256).';

function projected(kind: string, description: string) {
  return object(
    {
      name: text({ description: `Name of the ${kind}.`, pattern: patterns.subdomain, maxLength: 253 }, dnsSubdomain),
      key: optionalText({ description: 'Only this key. Default: all keys.', pattern: patterns.dataKey }, dataKey),
      path: optionalText(
        { description: 'File name for the key inside of the volume. Default: the key.', pattern: patterns.relative },
        projectedPath,
      ),
      defaultMode: wholeNumber(
        0,
        511,
        { description: 'Permissions of the files: in YAML octal as 0o755, or in decimal as 493. Default: 0o644.' },
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
    subPath: optionalText(
      {
        description: 'A path inside the volume. Needed to mount one file; without it mountPath becomes a folder.',
        pattern: patterns.relative,
      },
      relativePath,
    ),
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
