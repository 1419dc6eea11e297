/** What the package opens: the component for programs of your own, and the program of the module in parts. */
export { KubernetesJob } from './component/kubernetes-job.ts';
export type * from './component/args.ts';
export type * from './component/env-args.ts';
export type * from './component/pod-args.ts';
export type * from './component/volume-args.ts';
export { Resources } from './main.ts';
export type { Outputs } from './stack-outputs.ts';
export { orRunError as runProgram } from './run-error.ts';
export { readStackInput } from './stack-input/read-stack-input.ts';
export { parseStackInput, type ParsedStackInput } from './stack-input/parse.ts';
export type { ProviderConfig, StackInput } from './stack-input/stack-input.ts';
export type { Surroundings } from './stack-input/source.ts';
export { buildVolumeMountsAndVolumes } from './volumes.ts';
