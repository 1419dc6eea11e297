import { readStackInput, Resources, runProgram } from './module/index.ts';

// The program of the module: one stack input, one KubernetesJob. Its exports are the outputs of the stack.
export const { namespace, job_name } = runProgram(() => Resources(readStackInput()));
