// `pulumi-resource-kubernetes` of the tests: speaks to Pulumi like the provider of that name, and to a real API server.
import { createRequire } from 'node:module';
import { serveProvider } from '@ephemera/pulumi-cli/provider';
import { kubernetesProvider } from './provider.ts';

const { version } = createRequire(import.meta.url)('@pulumi/kubernetes/package.json') as { version: string };
await serveProvider(kubernetesProvider(version));
