import * as pulumi from '@pulumi/pulumi';

/** Tells the person at the command line what is legal and probably not meant. Nobody waits for it to be shown. */
export function warn(message: string): void {
  void pulumi.log.warn(message);
}
