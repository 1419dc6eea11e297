/** The real command line of Pulumi, built from its Go module, and the programs that it needs beside it. */
export { providePulumi, type PulumiTool } from './provide.ts';
