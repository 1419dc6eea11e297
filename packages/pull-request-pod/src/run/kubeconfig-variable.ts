import { kubeErrors, type KubeconfigText } from '@ephemera/kube';

/** Also with the breaks that `base64` puts after every 76 characters, and as URLs write it. */
const base64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** The kubeconfig in a variable, from its base64. Throws `kube.kubeconfig_invalid`, which quotes nothing of it. */
export function kubeconfigText(variable: string, value: string): KubeconfigText {
  const packed = value.replace(/\s/g, '');
  const bytes = base64.test(packed) ? Buffer.from(packed, 'base64') : undefined;
  const text = bytes === undefined ? undefined : decoded(bytes);
  if (text !== undefined) return { text, source: variable };
  throw new kubeErrors.KubeconfigInvalid({ path: variable, problem: 'it is no text in base64' });
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
