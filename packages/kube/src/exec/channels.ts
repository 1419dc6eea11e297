/** The only protocol that can end standard input. Every API server from Kubernetes 1.30 on speaks it. */
export const subprotocol = 'v5.channel.k8s.io';

/** The first byte of every message says what the others are. */
export const channels = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const;
