/** The real buildx and BuildKit, built from their Go modules, as images in the registry of a local cluster. */
export { provideBuildx, type BuildxImages, type BuildxOptions } from './provide.ts';
