import { completionsOf, parallelismOf } from '../completions.ts';
import { dnsSubdomain } from '../checks/names.ts';
import { hasDigest } from '../checks/image.ts';
import { defaults } from '../defaults.ts';
import { checked, type Finding, type Path } from '../finding.ts';
import { entriesOf } from '../loose.ts';
import type { LooseManifest, LooseSpec } from '../manifest-schema.ts';
import { quantityOf } from '../quantity.ts';

/** The API server's bounds. */
const maxIndexedParallelism = 100_000;
const maxHostName = 63;
const maxConfigMapBytes = 1024 * 1024;

export function settingsRules({ metadata, spec }: LooseManifest): Finding[] {
  if (spec === undefined) return [];
  return [
    ...(spec.completionMode === 'Indexed' ? indexedRules(spec, metadata?.name) : []),
    ...imageRules(spec.image, ['spec', 'image']),
    ...resourceRules(spec.resources),
    ...configMapRules(spec.configMaps),
  ];
}

/** Every image is named by a tag or a digest, since `latest` by default is never what a job means. */
export function imageRules(image: LooseSpec['image'], path: Path): Finding[] {
  if (image?.repo === undefined || image.tag !== undefined || hasDigest(image.repo)) return [];
  return [
    {
      path: [...path, 'tag'],
      problem: 'is missing',
      fix: 'Add the tag of the image, or a digest to repo (name@sha256:…).',
      ifWhole: true,
    },
  ];
}

function indexedRules(spec: LooseSpec, name: string | undefined): Finding[] {
  const [parallelism, completions] = [parallelismOf(spec), completionsOf(spec)];
  const hostName = `${name ?? ''}-${(completions ?? 1) - 1}`;
  return [
    ...(completions === null
      ? [
          {
            path: ['spec', 'completions'],
            problem: 'is not set, and completionMode Indexed needs it',
            fix: 'Set it to the number of indexes, at least 1.',
            ifWhole: true as const,
          },
        ]
      : []),
    ...(parallelism !== null && parallelism > maxIndexedParallelism
      ? [
          {
            path: ['spec', 'parallelism'],
            problem: `is above ${maxIndexedParallelism}, the most that Kubernetes takes with Indexed`,
            fix: `Write at most ${maxIndexedParallelism}; the indexes then run one after the other.`,
          },
        ]
      : []),
    ...(name !== undefined && name.length <= maxHostName && hostName.length > maxHostName
      ? [
          {
            path: ['metadata', 'name'],
            problem: `is too long for ${completions ?? 1} indexes: the last pod's host name would have ${hostName.length} characters, of ${maxHostName}`,
            fix: `Use at most ${maxHostName - (hostName.length - name.length)} characters.`,
          },
        ]
      : []),
  ];
}

function resourceRules(resources: LooseSpec['resources']): Finding[] {
  return (['cpu', 'memory'] as const).flatMap((what) => {
    const [request, given] = [resources?.requests?.[what], resources?.limits?.[what]];
    const limit = given ?? defaults.resources.limits[what];
    const [asked, most] = [quantityOf(String(request ?? '')), quantityOf(String(limit))];
    if (asked === undefined || most === undefined || asked <= most) return [];
    return [
      {
        path: ['spec', 'resources', 'requests', what],
        problem: `is above the limit, ${limit}${given === undefined ? ' by default' : ''}`,
        fix: `Ask for less, or set spec.resources.limits.${what} to at least ${request}.`,
      },
    ];
  });
}

function configMapRules(configMaps: LooseSpec['configMaps']): Finding[] {
  return entriesOf(configMaps).flatMap(([name, content]) => {
    const path = ['spec', 'configMaps', name];
    const bytes = Buffer.byteLength(content);
    return [
      ...checked(path, name, dnsSubdomain),
      ...(bytes > maxConfigMapBytes
        ? [
            {
              path,
              problem: `is ${bytes} bytes, and a ConfigMap takes ${maxConfigMapBytes}`,
              fix: 'Put it into the image or onto a volume.',
            },
          ]
        : []),
    ];
  });
}
