import { labelPrefix } from '@ephemera/model';

/** On a namespace, with the value `true`: builders may be privileged there. */
export const privilegedBuildersLabel = `${labelPrefix}/privileged-builders`;

export interface CelVariable {
  readonly name: string;
  readonly expression: string;
}

export interface GuardRule {
  readonly expression: string;
  readonly message: string;
}

/** What the rules are about, in the order in which one is made of the other. */
export const guardVariables: readonly CelVariable[] = [
  { name: 'spec', expression: `object.kind == 'Pod' ? object.spec : object.spec.template.spec` },
  {
    name: 'containers',
    expression:
      'variables.spec.containers + variables.spec.?initContainers.orValue([]) + variables.spec.?ephemeralContainers.orValue([])',
  },
  { name: 'volumes', expression: 'variables.spec.?volumes.orValue([])' },
  { name: 'claims', expression: `object.kind == 'StatefulSet' ? object.spec.?volumeClaimTemplates.orValue([]) : []` },
  // buildx calls the ConfigMaps of a builder NAME-config and NAME-config-1.
  { name: 'configPrefix', expression: `object.metadata.?name.orValue('') + '-config'` },
  {
    name: 'mayBePrivileged',
    expression: `namespaceObject.metadata.?labels[?'${privilegedBuildersLabel}'].orValue('') == 'true'`,
  },
];

/**
 * What a job's account may put into a pod: exactly what buildx does. Everything is said as what is allowed where there is a list of
 * kinds, since a new kind of volume or of variable would otherwise be a new way to a Secret.
 *
 * Each true means allowed. A rule leaves what another one refuses to that other, so that one mistake is told in one message.
 */
export const guardRules: readonly GuardRule[] = [
  {
    expression: '!variables.volumes.exists(v, has(v.secret))',
    message: 'A builder mounts no Secret.',
  },
  {
    expression: '!variables.volumes.exists(v, has(v.hostPath))',
    message: 'A builder mounts no folder of the node.',
  },
  {
    // What every pod gets of the cluster: the token of its account, for the API server only, and the cluster's certificate.
    expression: all(
      'variables.volumes',
      'v',
      `!has(v.projected) || ${all(
        'v.projected.?sources.orValue([])',
        's',
        `(has(s.serviceAccountToken) && !has(s.serviceAccountToken.audience)) || has(s.downwardAPI) || (has(s.configMap) && s.configMap.?name.orValue('') == 'kube-root-ca.crt')`,
      )}`,
    ),
    message: 'A builder has no projected volume but the one that every pod gets.',
  },
  {
    expression: all(
      'variables.volumes',
      'v',
      `!has(v.configMap) || v.configMap.?name.orValue('').startsWith(variables.configPrefix)`,
    ),
    message: 'A builder mounts no ConfigMap but its own, whose name begins with that of the builder and -config.',
  },
  {
    expression: all(
      'variables.volumes',
      'v',
      'has(v.emptyDir) || has(v.configMap) || has(v.projected) || has(v.secret) || has(v.hostPath)',
    ),
    message: 'A builder has no volumes but emptyDir and its own ConfigMaps.',
  },
  {
    expression: all(
      'variables.claims',
      't',
      `t.metadata.?name.orValue('') == 'buildkitd' && !has(t.spec.dataSource) && !has(t.spec.dataSourceRef) && !has(t.spec.volumeName)`,
    ),
    message: 'A builder claims only new storage, by the name buildkitd.',
  },
  {
    expression: all(
      'variables.containers',
      'c',
      `size(c.?envFrom.orValue([])) == 0 && ${all('c.?env.orValue([])', 'e', '!has(e.valueFrom) || has(e.valueFrom.fieldRef) || has(e.valueFrom.resourceFieldRef)')}`,
    ),
    message: 'A builder takes no variables from Secrets and ConfigMaps.',
  },
  {
    expression: ['hostNetwork', 'hostPID', 'hostIPC']
      .map((field) => `!variables.spec.?${field}.orValue(false)`)
      .join(' && '),
    message: 'A builder does not share the network, processes and memory of the node.',
  },
  {
    expression: all('variables.containers', 'c', all('c.?ports.orValue([])', 'p', 'p.?hostPort.orValue(0) == 0')),
    message: 'A builder takes no ports of the node.',
  },
  {
    expression: `variables.spec.?serviceAccountName.orValue('') in ['', 'default'] && variables.spec.?serviceAccount.orValue('') in ['', 'default']`,
    message: 'A builder runs as the account default.',
  },
  {
    expression: 'size(variables.spec.?imagePullSecrets.orValue([])) == 0',
    message: 'A builder pulls its image without the credentials of the namespace.',
  },
  {
    expression: `variables.spec.?nodeName.orValue('') == ''`,
    message: 'A builder is put on a node by the scheduler.',
  },
  {
    expression: all('variables.containers', 'c', 'size(c.?securityContext.?capabilities.?add.orValue([])) == 0'),
    message: 'A builder gets no added capabilities.',
  },
  {
    expression: all(
      'variables.containers',
      'c',
      `!has(c.securityContext) || (!has(c.securityContext.seLinuxOptions) && !has(c.securityContext.windowsOptions) && c.securityContext.?procMount.orValue('Default') == 'Default')`,
    ),
    message: 'A builder changes no SELinux, Windows or /proc settings of its containers.',
  },
  {
    expression: `!has(variables.spec.securityContext) || (!has(variables.spec.securityContext.seLinuxOptions) && !has(variables.spec.securityContext.windowsOptions) && size(variables.spec.securityContext.?sysctls.orValue([])) == 0)`,
    message: 'A builder changes no SELinux, Windows or kernel settings of its pod.',
  },
  {
    expression: `variables.mayBePrivileged || ${all('variables.containers', 'c', '!c.?securityContext.?privileged.orValue(false)')}`,
    message: `A builder is privileged only in a namespace with the label ${privilegedBuildersLabel}=true; ask buildx for rootless=true.`,
  },
];

function all(list: string, item: string, holds: string): string {
  return `${list}.all(${item}, ${holds})`;
}
