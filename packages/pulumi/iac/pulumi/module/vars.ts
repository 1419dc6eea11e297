/** Where the stack input comes from; the first that is not empty wins, in this order. */
export const STACK_INPUT_CONFIG_NAMESPACE = 'planton-cloud';
export const STACK_INPUT_CONFIG_NAME = 'stack-input';
export const STACK_INPUT_CONFIG_KEY = `${STACK_INPUT_CONFIG_NAMESPACE}:${STACK_INPUT_CONFIG_NAME}`;
export const STACK_INPUT = 'STACK_INPUT';
export const STACK_INPUT_YAML = 'STACK_INPUT_YAML';
export const STACK_INPUT_YAML_FILE = 'STACK_INPUT_YAML_FILE';

/** Names the context where the stack input has no provider_config. */
export const KUBE_CTX = 'KUBE_CTX';

/**
 * The type of the component. Package and name are those under which Pulumi serves it to programs in other languages (the last part of
 * the published package's name, then `index`), so that a stack keeps its objects when it moves from one language to another.
 */
export const COMPONENT_TYPE = 'kubernetes-job:index:KubernetesJob';

/** Read by Pulumi's Kubernetes provider: what an update waits for instead of completion. */
export const WAIT_FOR = 'pulumi.com/waitFor';
/** Read by it, too, where a resource has no timeouts of its own. */
export const TIMEOUT_SECONDS = 'pulumi.com/timeoutSeconds';
/** Annotations that start so are for the provider, not for pods. */
export const PULUMI_ANNOTATIONS = 'pulumi.com/';
