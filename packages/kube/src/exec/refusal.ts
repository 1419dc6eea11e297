import type { EphemeraError } from '@ephemera/model';
import { ContainerNotReady, ExecFailed, NotFound, Unavailable } from '../errors.ts';

/*
 * What the API server, the kubelet and the container runtimes say while a container is on its way. The same sentences come as the answer
 * to the handshake or, from an API server that translates for the kubelet, as the status of a stream that it has opened already.
 */
const notReadyYet = [
  // The API server, before the scheduler has chosen a node.
  /does not have a host assigned/,
  // The kubelet: the pod has not reached it, or the runtime has no such container yet.
  /pod does not exist/,
  /container not found \("/,
  // containerd and CRI-O: it is made, but does not run yet.
  /container is in CONTAINER_CREATED state/,
  /container is not created or running/,
  // runc, between the two.
  /cannot exec in a (created|paused) (container|state)/,
];

/** The way from the API server to the node, which may heal. */
const nodeOutOfReach = /error dialing backend|error sending request|dial tcp|i\/o timeout|connection refused/;

/** Whether a sentence says that the container, its pod or its node is only not there yet. Pure. */
export function isNotReadyYet(reason: string): boolean {
  return notReadyYet.some((sentence) => sentence.test(reason));
}

/** The error of an exec that the cluster could not carry out, by what it says in the stream. Pure. */
export function execFailure(what: string, reason: string): EphemeraError {
  if (isNotReadyYet(reason)) return new ContainerNotReady({ what, reason });
  if (nodeOutOfReach.test(reason)) return new Unavailable({ what, status: 500, reason });
  return new ExecFailed({ what, reason });
}

/**
 * The error of a refused handshake: `error` is what the same answer means for any other call.
 * The API server's own absence of the pod stays what it is; everything else is looked through for the sentences above. Pure.
 */
export function handshakeRefusal(what: string, error: EphemeraError): EphemeraError {
  if (error.code === NotFound.code) return error;
  const { reason } = error.details;
  return typeof reason === 'string' && isNotReadyYet(reason) ? new ContainerNotReady({ what, reason }) : error;
}
