/** What stands in for a public image with Python and Node, in the registry of a local cluster. */
export { provideImage, type ImageOptions } from './provide.ts';
