/**
 * The compiler: a KubernetesJob manifest becomes plain Kubernetes objects. Pure: no clock, network, environment or random value, so the
 * same manifest gives the same objects wherever it is compiled.
 */
export { compile } from './compile.ts';
export * as jobErrors from './errors.ts';
export type { Problem } from './errors.ts';
export { readManifest, type ReadOptions } from './manifest/read-manifest.ts';
export { parseJob, type ParseOptions, type Reference } from './spec/parse-job.ts';
export { jobSchema } from './spec/json-schema.ts';
export { nearest } from './spec/nearest.ts';
export { quantityOf } from './spec/quantity.ts';
export type { KubernetesJobManifest } from './spec/manifest-schema.ts';
export { compileJob, type CompileOptions } from './kubernetes-job/compile-job.ts';
export type * from './kubernetes-job/compiled-job.ts';
export type * from './kubernetes-job/kubernetes-job.ts';
export { dockerConfigProblem } from './kubernetes-job/image-pull-secret.ts';
export { jobLabels, labelsOf } from './kubernetes-job/labels.ts';
export { namesOf } from './kubernetes-job/names.ts';
export { buildVolumeMountsAndVolumes } from './kubernetes-job/volumes.ts';
export { compilePodJob } from './pod-job/compile-pod-job.ts';
export type { PodJob } from './pod-job/pod-job.ts';
