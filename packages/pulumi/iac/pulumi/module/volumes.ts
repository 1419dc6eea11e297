// The compiler's own: mounts and volumes are made in one place for the command line and for Pulumi.
export { buildVolumeMountsAndVolumes } from '@ephemera/job/compile';
