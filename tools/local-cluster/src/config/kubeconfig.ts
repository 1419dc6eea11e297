export interface KubeconfigSettings {
  readonly context: string;
  readonly server: string;
  /** PEM texts: the file holds everything, so it can be copied. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export function kubeconfig({ context, server, authority, certificate, key }: KubeconfigSettings): object {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: context, cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [
      { name: context, user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) } },
    ],
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    'current-context': context,
  };
}
