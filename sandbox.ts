import './scripts/new-enough-node.ts';

/** Document 001 imports the class from here: `import { KubernetesSandbox } from '../sandbox.js'`. */
export { KubernetesSandbox } from '@ephemera/sandbox';
