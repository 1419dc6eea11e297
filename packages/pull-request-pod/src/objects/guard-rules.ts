import { instanceLabel, labelPrefix } from '@ephemera/model';
import { all, none, type CelVariable, type GuardRule } from './guard-cel.ts';

/** On a namespace, with the value `true`: builders may be privileged there. */
export const privilegedBuildersLabel = `${labelPrefix}/privileged-builders`;

/** Longer than that nothing of a builder takes to end; without a bound a pod could hold up every cleanup. */
const longestGraceSeconds = 60;

/** What the rules are about, in the order in which one is made of the other. */
export const podVariables: readonly CelVariable[] = [
  { name: 'template', expression: `object.kind == 'Pod' ? object : object.spec.template` },
  { name: 'spec', expression: 'variables.template.spec' },
  {
    name: 'containers',
    expression:
      'variables.spec.containers + variables.spec.?initContainers.orValue([]) + variables.spec.?ephemeralContainers.orValue([])',
  },
  { name: 'volumes', expression: 'variables.spec.?volumes.orValue([])' },
  { name: 'claims', expression: `object.kind == 'StatefulSet' ? object.spec.?volumeClaimTemplates.orValue([]) : []` },
  { name: 'replicas', expression: `object.kind == 'Pod' ? 1 : object.spec.?replicas.orValue(1)` },
  {
    name: 'selectedApp',
    expression: `object.kind == 'Pod' ? request.name : object.spec.selector.?matchLabels[?'app'].orValue('')`,
  },
  { name: 'labels', expression: 'variables.template.?metadata.?labels.orValue({})' },
  { name: 'annotations', expression: 'variables.template.?metadata.?annotations.orValue({})' },
  {
    name: 'mayBePrivileged',
    expression: `namespaceObject.metadata.?labels[?'${privilegedBuildersLabel}'].orValue('') == 'true'`,
  },
];

/** Every way in which a kubelet opens connections for a container. */
const asked = [
  ...['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((probe) =>
    ['httpGet', 'tcpSocket', 'grpc'].map((way) => `${probe}.?${way}`),
  ),
  ...['postStart', 'preStop'].flatMap((hook) => ['httpGet', 'tcpSocket'].map((way) => `lifecycle.?${hook}.?${way}`)),
];

/** What holds for everything that an account writes, also for ConfigMaps. */
export const writtenRules: readonly GuardRule[] = [
  {
    // With either of them nobody could remove it, nor what it belongs to.
    expression: `${none('object.metadata.?finalizers')} && ${none('object.metadata.?ownerReferences')}`,
    message: 'A builder and what belongs to it has no finalizers and no owners.',
  },
];

/**
 * What a job's account may put into a pod: exactly what buildx does. Everything is said as what is allowed where there is a list of
 * kinds, since a new kind of volume or of variable would otherwise be a new way to a Secret.
 *
 * Each true means allowed. A rule leaves what another one refuses to that other, so that one mistake is told in one message.
 */
export const podRules: readonly GuardRule[] = [
  {
    // The account mounts no token by itself, and buildx asks for none. First, as the cluster mounts one in a pod that is made so.
    expression: `variables.spec.?serviceAccountName.orValue('') == variables.account && variables.spec.?serviceAccount.orValue(variables.account) == variables.account && !variables.spec.?automountServiceAccountToken.orValue(false)`,
    message: 'A builder runs as the account of its job, and without a token of it.',
  },
  {
    expression: '!variables.volumes.exists(v, has(v.secret))',
    message: 'A builder mounts no Secret.',
  },
  {
    expression: '!variables.volumes.exists(v, has(v.hostPath))',
    message: 'A builder mounts no folder of the node.',
  },
  {
    // buildx calls the ConfigMaps of a builder NAME-config and NAME-config-1.
    expression: all(
      'variables.volumes',
      'v',
      `!has(v.configMap) || v.configMap.?name.orValue('').startsWith(request.name + '-config')`,
    ),
    message: 'A builder mounts no ConfigMap but its own, whose name begins with that of the builder and -config.',
  },
  {
    expression: all(
      'variables.volumes',
      'v',
      'has(v.emptyDir) || has(v.configMap) || has(v.secret) || has(v.hostPath)',
    ),
    message: 'A builder has no volumes but emptyDir and its own ConfigMaps.',
  },
  {
    expression: all(
      'variables.claims',
      't',
      `t.metadata.?name.orValue('') == 'buildkitd' && !has(t.spec.dataSource) && !has(t.spec.dataSourceRef) && !has(t.spec.volumeName) && ` +
        `${none('t.metadata.?finalizers')} && size(t.metadata.?labels.orValue({})) == 0 && size(t.metadata.?annotations.orValue({})) == 0`,
    ),
    message: 'A builder claims only new storage, by the name buildkitd and with nothing else in its metadata.',
  },
  {
    expression: all(
      'variables.containers',
      'c',
      `${none('c.?envFrom')} && ${all('c.?env.orValue([])', 'e', '!has(e.valueFrom) || has(e.valueFrom.fieldRef) || has(e.valueFrom.resourceFieldRef)')}`,
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
    // The kubelet asks whom it is told to, from the network of the node.
    expression: all('variables.containers', 'c', asked.map((way) => `!c.?${way}.hasValue()`).join(' && ')),
    message: 'A builder is asked by commands inside of it alone, not by the network of the node.',
  },
  {
    expression: none('variables.spec.?imagePullSecrets'),
    message: 'A builder pulls its image without the credentials of the namespace.',
  },
  {
    expression: `variables.spec.?nodeName.orValue('') == ''`,
    message: 'A builder is put on a node by the scheduler.',
  },
  {
    // Those that the cluster itself adds to a pod.
    expression: all(
      'variables.spec.?tolerations.orValue([])',
      't',
      `t.?key.orValue('') in ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']`,
    ),
    message: 'A builder goes to no node that is kept for something else.',
  },
  {
    expression: `variables.spec.?priorityClassName.orValue('') == '' && variables.spec.?runtimeClassName.orValue('') == '' && ${none('variables.spec.?resourceClaims')}`,
    message: 'A builder takes no place of others: it has no priority, no runtime and no devices of its own choice.',
  },
  {
    expression: 'variables.replicas <= 1',
    message: 'A builder is one pod.',
  },
  {
    expression: `variables.spec.?terminationGracePeriodSeconds.orValue(30) <= ${longestGraceSeconds}`,
    message: `A builder ends within ${longestGraceSeconds} seconds.`,
  },
  {
    // By any other label it could get into a Service of others, or into the selector of somebody's controller.
    expression: ['object.metadata.?labels.orValue({})', 'variables.labels']
      .map((labels) =>
        all(
          labels,
          'k',
          `(k == 'app' && ${labels}[k] == request.name) || (k == 'pr-name' && ${labels}[k] == variables.name) || k in ['created-by', '${instanceLabel}']`,
        ),
      )
      .join(' && '),
    message: 'A builder has no labels but app, which is its own name, and those of its job.',
  },
  {
    expression: 'variables.selectedApp == request.name',
    message: 'A builder selects only its own pods, by the label app.',
  },
  {
    // Others tell programs of the cluster to put something into the pod, a Secret for instance; finalizers would keep it for ever.
    expression:
      `(object.kind == 'Pod' || ${none('variables.template.?metadata.?finalizers')}) && ` +
      all(
        'variables.annotations',
        'k',
        // The last one is the cluster's own, where a LimitRange has filled something in.
        `k in ['buildx.docker.com/platform', 'kubernetes.io/limit-ranger'] || k.startsWith('container.apparmor.security.beta.kubernetes.io/')`,
      ),
    message: 'A builder has pods without finalizers, and without annotations but those of buildx.',
  },
  {
    expression: all('variables.containers', 'c', none('c.?securityContext.?capabilities.?add')),
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
    expression: `!has(variables.spec.securityContext) || (!has(variables.spec.securityContext.seLinuxOptions) && !has(variables.spec.securityContext.windowsOptions) && ${none('variables.spec.securityContext.?sysctls')})`,
    message: 'A builder changes no SELinux, Windows or kernel settings of its pod.',
  },
  {
    expression: `variables.mayBePrivileged || ${all('variables.containers', 'c', '!c.?securityContext.?privileged.orValue(false)')}`,
    message: `A builder is privileged only in a namespace with the label ${privilegedBuildersLabel}=true; ask buildx for rootless=true.`,
  },
];
